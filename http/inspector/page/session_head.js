// SPDX-License-Identifier: Apache-2.0
// The head of a session: what it is called, how it is, what it has used.

import { h } from './dom.js';
import { age, cost, count, duration, instant, minorUnits, moment, plural, tokens } from './format.js';
import { pill, sessionStatus } from './status.js';
import { copy } from './toast.js';

/** While the session object is not there, or if there is none. */
export function missingHead(id, isGone) {
  return [
    h('h1', {}, isGone ? 'No such session' : 'Session'),
    h('div', { class: 'facts' }, h('span', { class: 'mono' }, id)),
  ];
}

export function sessionHead(session) {
  const title = session.title || 'Untitled session';
  const { usage = {}, stats = {} } = session;
  const [word, tone] = sessionStatus(session);
  const input =
    (usage.input_tokens ?? 0) + (usage.cache_read_input_tokens ?? 0) + (usage.cache_creation_input_tokens ?? 0);
  const paid = cost(minorUnits(usage.list_cost), usage.list_cost?.currency);
  return [
    h(
      'div',
      { class: 'title-line' },
      pill(word, tone),
      h('h1', { title }, title),
      session.archived_at && h('span', { class: 'badge' }, 'archived'),
    ),
    h(
      'div',
      { class: 'facts' },
      h(
        'button',
        { class: 'link mono', type: 'button', title: 'Copy the id', onclick: () => copy(session.id, 'Id') },
        session.id,
      ),
      h('span', { title: 'agent' }, session.agent_id ?? session.agent?.id ?? ''),
      h('span', { title: 'environment' }, session.environment_id ?? ''),
      h(
        'span',
        { title: moment(instant(session.created_at)) },
        `created ${age(instant(session.created_at), Date.now())} ago`.replace('now ago', 'now'),
      ),
      h('span', {}, plural(session.log?.events ?? NaN, 'event')),
      stats.active_seconds > 0 && h('span', {}, `${duration(stats.active_seconds * 1000)} active`),
      input + (usage.output_tokens ?? 0) > 0 &&
        h(
          'span',
          { title: `${count(input)} tokens in, ${count(usage.output_tokens)} out` },
          `${tokens(input)} → ${tokens(usage.output_tokens)} tok`,
        ),
      paid && h('span', {}, paid),
    ),
  ];
}
