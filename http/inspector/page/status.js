// SPDX-License-Identifier: Apache-2.0
// How a session and a connection are, as a coloured mark with a word beside it.

import { h } from './dom.js';

const TONES = {
  __proto__: null,
  running: 'run',
  rescheduling: 'wait',
  waiting: 'wait',
  idle: 'calm',
  terminated: 'dead',
  archived: 'calm',
  deleted: 'bad',
};

/** The word and the tone of a session. */
export function sessionStatus(session) {
  if (session.isDeleted) return ['deleted', 'bad'];
  const waits = session.status === 'idle' && (session.pending?.length ?? 0) > 0;
  const word = waits ? 'waiting' : String(session.status ?? 'unknown');
  return [word, TONES[word] ?? 'calm'];
}

export function pill(word, tone) {
  return h('span', { class: `pill ${tone}` }, h('span', { class: 'dot', 'aria-hidden': 'true' }), word);
}

/** The word, the tone and an explanation of a connection. */
export function connectionStatus({ name, failures = 0, until, reason, message }, now = Date.now(), backlog = 0) {
  switch (name) {
    case 'live':
      return backlog > 100
        ? [`${backlog} behind`, 'wait', 'events have come that are not shown yet']
        : ['Live', 'run', 'new events appear as they are stored'];
    case 'polling':
      return ['Live', 'run', 'the list is asked for every few seconds'];
    case 'history':
      return ['Catching up', 'wait', 'events that were stored before are coming'];
    case 'connecting':
      return failures > 2
        ? ['Cut off', 'bad', 'trying again']
        : [failures > 0 ? 'Reconnecting' : 'Connecting', 'wait', ''];
    case 'waiting': {
      const seconds = Math.max(1, Math.ceil((until - now) / 1000));
      const left = `next try in ${seconds} s`;
      return [
        failures > 2 ? 'Cut off' : 'Reconnecting',
        failures > 2 ? 'bad' : 'wait',
        [reason, left].filter(Boolean).join('; '),
      ];
    }
    case 'ended':
      return ['Ended', 'calm', 'the session takes no more events'];
    case 'gone':
      return ['Gone', 'bad', message ?? ''];
    default:
      return ['Failed', 'bad', message ?? ''];
  }
}
