// SPDX-License-Identifier: Apache-2.0
// npm eventsource: a browser's EventSource for Node, with its own reconnects; the key goes in through its fetch.
import { EventSource } from 'eventsource';
import { authorization, say, streamUrl, take } from './report.mjs';

const source = new EventSource(streamUrl, {
  fetch: (input, init) => fetch(input, { ...init, headers: { ...init.headers, ...authorization } }),
});
source.addEventListener('ping', () => say({ ping: true }));
source.onmessage = (frame) => {
  if (take({ id: frame.lastEventId, data: frame.data })) source.close();
};
