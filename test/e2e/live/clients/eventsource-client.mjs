// SPDX-License-Identifier: Apache-2.0
// npm eventsource-client: an async iterator that reconnects by itself.
import { createEventSource } from 'eventsource-client';
import { authorization, say, streamUrl, take } from './report.mjs';

const source = createEventSource({ url: streamUrl, headers: authorization });
for await (const { id, event, data } of source) {
  if (event === 'ping') say({ ping: true });
  else if (take({ id, data })) break;
}
source.close();
