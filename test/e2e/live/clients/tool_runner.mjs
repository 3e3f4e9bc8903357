// SPDX-License-Identifier: Apache-2.0
// The SDK's tool runner on one session, with a tool of each kind of outcome. Ends when the turn has ended.
import Anthropic from '@anthropic-ai/sdk';
import { betaTool } from '@anthropic-ai/sdk/helpers/beta/json-schema';
import { key, say, session, url } from './report.mjs';

const tools = [
  betaTool({
    name: 'weather',
    description: 'The weather in a city',
    inputSchema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
    run: ({ city }) => `Sunny in ${city}`,
  }),
  betaTool({
    name: 'broken',
    description: 'Always fails',
    inputSchema: { type: 'object', properties: {} },
    run: () => { throw new Error('out of order'); },
  }),
];

const client = new Anthropic({ apiKey: key, baseURL: url });
for await (const call of client.beta.sessions.events.toolRunner(session, { tools, maxIdleMs: 500 })) {
  say({ name: call.name, toolUseId: call.toolUseId, isError: call.isError, posted: call.posted, confirmation: call.confirmation });
}
say({ over: true });
