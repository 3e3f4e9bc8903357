// SPDX-License-Identifier: Apache-2.0
// A session as a row of the list.

import { h, replace } from './dom.js';
import { age, count, instant, moment } from './format.js';
import { toSession } from './route.js';
import { pill, sessionStatus } from './status.js';

/** What the row shows depends on: it is filled again when this changes. */
export function sessionStamp(session, isHere) {
  const now = Date.now();
  const { updated_at: updated, created_at: created, status, title, log, pending, archived_at: archived } = session;
  const ages = `${age(instant(created), now)} ${age(instant(updated), now)}`;
  return `${updated} ${status} ${log?.events} ${title} ${pending?.length} ${archived} ${ages} ${isHere}`;
}

export function fillSessionRow(session, element, isHere) {
  const now = Date.now();
  const [word, tone] = sessionStatus(session);
  const created = instant(session.created_at);
  const updated = instant(session.updated_at);
  element.className = 'row';
  const title = session.title || h('span', { class: 'quiet' }, 'Untitled');
  const archived = session.archived_at && h('span', { class: 'badge' }, 'archived');
  replace(
    element,
    h(
      'a',
      { class: isHere ? 'session-row is-selected' : 'session-row', href: toSession(session.id) },
      h('span', { class: 'cell status' }, pill(word, tone)),
      h(
        'span',
        { class: 'cell name' },
        h('span', { class: 'title' }, title, archived),
        h('span', { class: 'id mono' }, session.id),
      ),
      h('span', { class: 'cell agent' }, session.agent_id ?? ''),
      h('span', { class: 'cell number' }, count(session.log?.events ?? NaN), h('span', { class: 'unit' }, ' events')),
      h('time', { class: 'cell age', datetime: session.created_at, title: moment(created) }, age(created, now)),
      h('time', { class: 'cell active', datetime: session.updated_at, title: moment(updated) }, age(updated, now)),
    ),
  );
}
