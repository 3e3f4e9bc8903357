// SPDX-License-Identifier: Apache-2.0
// The Anthropic SDK: its iterator ends or throws when the connection breaks; the loop remembers the last id.
import { setTimeout as sleep } from 'node:timers/promises';
import Anthropic from '@anthropic-ai/sdk';
import { key, say, session, url } from './report.mjs';

const client = new Anthropic({ apiKey: key, baseURL: url, maxRetries: 0 });
let last;
for (let over = false; !over; ) {
  try {
    const headers = last ? { 'last-event-id': last } : {};
    for await (const event of await client.beta.sessions.events.stream(session, { follow: true }, { headers })) {
      last = event.id;
      say({ id: event.id });
      over = event.type === 'session.status_terminated';
    }
  } catch (error) {
    say({ dropped: String(error) });
  }
  if (!over) await sleep(500);
}
