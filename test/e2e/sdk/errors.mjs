// SPDX-License-Identifier: Apache-2.0
// What the SDK makes of each error: its class, and how often it asked. argv: a session, its last event's id.
import Anthropic from '@anthropic-ai/sdk';
import { makeClient, report } from './client.mjs';

const [session, archived] = process.argv.slice(2);
let requests = 0;
const counting = { fetch: (...args) => (++requests, fetch(...args)) };
const client = makeClient(counting);
const message = { type: 'user.message', content: [{ type: 'text', text: 'Hi' }] };

async function attempt(call) {
  requests = 0;
  try {
    await call();
    return { name: 'nothing was thrown' };
  } catch (e) {
    return { name: e.constructor.name, status: e.status, type: e.type, requestID: e.requestID, body: e.error,
             isAPIError: e instanceof Anthropic.APIError, requests };
  }
}

const stranger = makeClient({ ...counting, apiKey: 'sk-sb-0000000000000000000000000000000000000000' });
const viewer = makeClient({ ...counting, apiKey: process.env.SANDBASE_VIEWER_KEY });
const { sessions } = client.beta;
report({
  badKey: await attempt(() => stranger.beta.sessions.retrieve(session)),
  badKeyOnStream: await attempt(() => stranger.beta.sessions.events.stream(session)),
  unknownSession: await attempt(() => sessions.retrieve('sess_01nowhere')),
  unknownSessionOnStream: await attempt(() => sessions.events.stream('sess_01nowhere')),
  viewerSends: await attempt(() => viewer.beta.sessions.events.send(session, { events: [message] })),
  noEvents: await attempt(() => sessions.events.send(session, { events: [] })),
  archived: await attempt(() => sessions.events.send(archived, { events: [message] })),
  conflict: await attempt(() => sessions.events.send(session, { events: [message], expected_last_event_id: 'sevt_01other' })),
  tooLarge: await attempt(() => sessions.events.send(session, {
    events: [{ type: 'user.message', content: [{ type: 'text', text: 'x'.repeat(1100 * 1024) }] }],
  })),
});
