// SPDX-License-Identifier: Apache-2.0
// Sends one message and reports the answer and how many requests it took. argv: session, text.
import { makeClient, report } from './client.mjs';

const [session, text] = process.argv.slice(2);
let requests = 0;
const client = makeClient({ fetch: (...args) => (++requests, fetch(...args)) });
const answer = await client.beta.sessions.events.send(session, {
  events: [{ type: 'user.message', content: [{ type: 'text', text }] }],
});
report({ answer, requests });
