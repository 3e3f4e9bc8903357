// SPDX-License-Identifier: Apache-2.0
// The SDK example of the Stream Events page, in JavaScript: the same calls, the same output.
import Anthropic from '@anthropic-ai/sdk';

const client = new Anthropic({
  apiKey: process.env.SANDBASE_KEY,
  baseURL: process.env.SANDBASE_URL,
});

for await (const event of await client.beta.sessions.events.stream(process.argv[2])) {
  if (event.type === 'agent.message') {
    for (const block of event.content) process.stdout.write(block.text);
  } else if (event.type === 'session.status_idle') {
    console.log(`\n[done: ${event.stop_reason.type}]`);
    break;
  }
}
