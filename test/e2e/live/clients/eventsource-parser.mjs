// SPDX-License-Identifier: Apache-2.0
// npm eventsource-parser: the parser only. The loop around it is what docs/streaming.md tells a client's author to write.
import { setTimeout as sleep } from 'node:timers/promises';
import { createParser } from 'eventsource-parser';
import { authorization, say, streamUrl, take } from './report.mjs';

let done = false;
let lastId;
while (!done) {
  const parser = createParser({
    onEvent({ id, event, data }) {
      if (id !== undefined) lastId = id;
      if (event === 'ping') say({ ping: true });
      else done = take({ id, data });
    },
  });
  try {
    const response = await fetch(streamUrl, { headers: { ...authorization, ...(lastId && { 'last-event-id': lastId }) } });
    if (!response.ok) throw new Error(`status ${response.status}`);
    const decoder = new TextDecoder();
    for await (const chunk of response.body) parser.feed(decoder.decode(chunk, { stream: true }));
  } catch (error) {
    say({ dropped: String(error) });
  }
  if (!done) await sleep(500);
}
