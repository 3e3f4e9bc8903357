// SPDX-License-Identifier: Apache-2.0
// npm @microsoft/fetch-event-source, made for browsers: Node stands in for the window, and the page is always visible.
import { createRequire } from 'node:module';
import { authorization, say, streamUrl, take } from './report.mjs';

globalThis.window = globalThis;
globalThis.document = { hidden: false, addEventListener() {}, removeEventListener() {} };
const { fetchEventSource } = createRequire(import.meta.url)('@microsoft/fetch-event-source');

const stop = new AbortController();
await fetchEventSource(streamUrl, {
  headers: authorization,
  signal: stop.signal,
  openWhenHidden: true,
  fetch: globalThis.fetch,
  onmessage({ id, event, data }) {
    if (event === 'ping') say({ ping: true });
    else if (data !== '' && take({ id, data })) stop.abort();
  },
  onclose() {
    if (!stop.signal.aborted) throw new Error('ended without [DONE]'); // makes it come again
  },
});
