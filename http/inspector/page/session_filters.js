// SPDX-License-Identifier: Apache-2.0
// The filters of the list of sessions: in the page's address, in a request, and on what a live stream tells.

import { instant } from './format.js';

export const STATUSES = ['idle', 'running', 'rescheduling', 'terminated'];

/**
 * From the address: `{statuses, agent, archived, from, to}`; the times are local, as `<input
 * type=datetime-local>` has them.
 */
export function read(params) {
  const statuses = (params.get('status') ?? '').split(',').filter((s) => STATUSES.includes(s));
  return {
    statuses,
    agent: params.get('agent') ?? '',
    archived: params.get('archived') === 'true',
    from: params.get('from') ?? '',
    to: params.get('to') ?? '',
  };
}

export function write({ statuses, agent, archived, from, to }) {
  const params = new URLSearchParams();
  if (statuses.length > 0) params.set('status', statuses.join(','));
  if (agent !== '') params.set('agent', agent);
  if (archived) params.set('archived', 'true');
  if (from !== '') params.set('from', from);
  if (to !== '') params.set('to', to);
  return params;
}

/** For List Sessions and for the stream of all sessions. */
export function query({ statuses, agent, archived, from, to }) {
  const pairs = statuses.map((status) => ['statuses[]', status]);
  if (agent !== '') pairs.push(['agent_id', agent]);
  if (archived) pairs.push(['include_archived', 'true']);
  if (Number.isFinite(instant(from))) pairs.push(['created_at[gte]', new Date(from).toISOString()]);
  if (Number.isFinite(instant(to))) pairs.push(['created_at[lte]', new Date(to).toISOString()]);
  return pairs;
}

/** Whether a session still belongs into the list. */
export function matches({ statuses, agent, archived, from, to }, session) {
  const created = instant(session.created_at);
  return (
    (statuses.length === 0 || statuses.includes(session.status)) &&
    (agent === '' || session.agent_id === agent) &&
    (archived || !session.archived_at) &&
    !(created < instant(from)) &&
    !(created > instant(to))
  );
}
