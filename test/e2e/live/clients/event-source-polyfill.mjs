// SPDX-License-Identifier: Apache-2.0
// npm event-source-polyfill: takes headers, and comes back with lastEventId in the query instead of a header.
import polyfill from 'event-source-polyfill';
import { authorization, say, streamUrl, take } from './report.mjs';

const source = new polyfill.EventSourcePolyfill(streamUrl, { headers: authorization });
source.addEventListener('ping', () => say({ ping: true }));
source.onmessage = (frame) => {
  if (take({ id: frame.lastEventId, data: frame.data })) source.close();
};
