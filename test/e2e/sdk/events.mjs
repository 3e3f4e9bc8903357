// SPDX-License-Identifier: Apache-2.0
// send, list (paging, filters), stream. argv: session id. The key is a runtime's, which may send a whole turn.
import { makeClient, report, collect } from './client.mjs';

const client = makeClient();
const { events } = client.beta.sessions;
const session = process.argv[2];

const question = await events.send(session, {
  events: [{ type: 'user.message', content: [{ type: 'text', text: 'How is the weather in Zürich? ☀' }] }],
});
const turn = await events.send(session, {
  events: [
    { type: 'session.status_running' },
    { type: 'agent.tool_use', name: 'weather', input: { city: 'Zürich' }, evaluated_permission: 'allow' },
    { type: 'agent.message', content: [{ type: 'text', text: 'Sunny.\nEnjoy "it".' }] },
    { type: 'session.status_idle', stop_reason: { type: 'end_turn' }, stop_details: null },
  ],
});
const first = await events.list(session, { limit: 2 });
report({
  question,
  turn,
  firstPage: first.data.map((e) => e.id),
  hasNextPage: first.hasNextPage(),
  listed: await collect(events.list(session, { limit: 2 })),
  descending: (await collect(events.list(session, { limit: 2, order: 'desc' }))).map((e) => e.id),
  filtered: (await collect(events.list(session, { types: ['agent.message', 'session.status_idle'] }))).map((e) => e.type),
  streamed: await collect(await events.stream(session)),
});
