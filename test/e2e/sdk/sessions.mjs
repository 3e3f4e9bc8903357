// SPDX-License-Identifier: Apache-2.0
// create, retrieve, update, list (auto paging), archive, delete.
import { makeClient, report, collect } from './client.mjs';

const { sessions } = makeClient().beta;

const created = await sessions.create({
  agent: { type: 'agent', id: 'agent_sdk', version: 3 },
  environment_id: 'env_sdk',
  title: 'First',
  metadata: { colour: 'blue', shape: 'round' },
  initial_events: [{ type: 'user.message', content: [{ type: 'text', text: 'Where is my order #1234?' }] }],
});
const retrieved = await sessions.retrieve(created.id);
const updated = await sessions.update(created.id, { title: 'Second', metadata: { colour: null, size: 'XL' } });
const events = await collect(sessions.events.list(created.id));

const more = [];
for (let i = 0; i < 7; ++i) {
  more.push((await sessions.create({ agent: 'agent_paged', environment_id: 'env_sdk', title: `Paged ${i}` })).id);
}
const listed = (await collect(sessions.list({ agent_id: 'agent_paged', limit: 3 }))).map((s) => s.id);
const ascending = (await collect(sessions.list({ agent_id: 'agent_paged', limit: 2, order: 'asc' }))).map((s) => s.id);
const since = (await collect(sessions.list({ agent_id: 'agent_paged', 'created_at[gte]': created.created_at }))).length;
const idle = (await collect(sessions.list({ agent_id: 'agent_paged', statuses: ['idle', 'running'] }))).length;
const running = (await collect(sessions.list({ agent_id: 'agent_paged', statuses: ['running'] }))).length;

const archived = await sessions.archive(more[0]);
const withoutArchived = (await collect(sessions.list({ agent_id: 'agent_paged' }))).map((s) => s.id);
const withArchived = (await collect(sessions.list({ agent_id: 'agent_paged', include_archived: true }))).map((s) => s.id);

const deleted = await sessions.delete(more[1]);
const afterDelete = await sessions.retrieve(more[1]).then(() => 'still there', (e) => e.constructor.name);
const withoutDeleted = (await collect(sessions.list({ agent_id: 'agent_paged' }))).map((s) => s.id);

report({ created, retrieved, updated, events, more, listed, ascending, since, idle, running,
         archived, withoutArchived, withArchived, deleted, afterDelete, withoutDeleted });
