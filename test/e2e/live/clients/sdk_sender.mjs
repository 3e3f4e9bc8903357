// SPDX-License-Identifier: Apache-2.0
// The Anthropic SDK as a user makes it, appending one event after the other until it is told to stop. Its own retries are all that it
// has: whatever they do not mend is an error.
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import Anthropic from '@anthropic-ai/sdk';
import { key, say, session, url } from './report.mjs';

const client = new Anthropic({ apiKey: key, baseURL: url });
let stopped = false;
createInterface({ input: process.stdin }).on('close', () => (stopped = true));
for (let n = 0; !stopped; ++n) {
  const content = [{ type: 'text', text: `message ${n}` }];
  try {
    const sent = await client.beta.sessions.events.send(
      session,
      { events: [{ type: 'user.message', content }] },
      { headers: { 'idempotency-key': `${session}-${n}` } },
    );
    say({ sent: sent.data[0].id });
  } catch (error) {
    say({ error: String(error) });
  }
  await sleep(50);
}
say({ over: true });
