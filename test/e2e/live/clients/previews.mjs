// SPDX-License-Identifier: Apache-2.0
// Previews as the SDK reads them: its own helper folds them into the message; each state of the text is reported.
import Anthropic from '@anthropic-ai/sdk';
import { accumulateManagedAgentsEvent } from '@anthropic-ai/sdk/lib/sessions/accumulate';
import { key, say, session, url } from './report.mjs';

const client = new Anthropic({ apiKey: key, baseURL: url });
const stream = await client.beta.sessions.events.stream(session, { event_deltas: ['agent.message'] });
let message;
for await (const event of stream) {
  message = accumulateManagedAgentsEvent(message, event);
  say({ type: event.type, id: message?.id, texts: message?.content.map((block) => block.text) });
  if (event.type === 'session.status_idle') break;
}
