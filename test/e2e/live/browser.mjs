// SPDX-License-Identifier: Apache-2.0
// A page in Chromium that follows streams with its EventSource. Says what it sees as JSON lines; takes commands as JSON lines:
// {open: name, url}, {run: script}. argv: the page's address, an empty directory for the browser's own files.
import { createInterface } from 'node:readline';
import { chromium } from 'playwright-core';

const [address, directory] = process.argv.slice(2);
const say = (value) => process.stdout.write(JSON.stringify(value) + '\n');

const browser = await chromium.launchPersistentContext(directory, {
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  headless: true,
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
         '--disable-component-update', '--disable-sync', '--no-proxy-server', '--disable-dev-shm-usage'],
});
const page = browser.pages()[0] ?? (await browser.newPage());
page.on('pageerror', (error) => say({ failed: String(error) }));
await page.exposeFunction('say', say);
await page.goto(address);
say({ ready: true });

function follow({ open: stream, url }) {
  const source = new EventSource(url);
  const states = ['connecting', 'open', 'closed'];
  source.onopen = () => say({ stream, state: 'open' });
  source.onerror = (event) => say({ stream, state: states[source.readyState], error: event.data });
  source.addEventListener('ping', ({ data, lastEventId }) => say({ stream, ping: JSON.parse(data), lastEventId }));
  source.onmessage = ({ data, lastEventId }) => {
    if (data === '[DONE]') return say({ stream, done: true, lastEventId });
    const { id, type } = JSON.parse(data);
    say({ stream, id, type, lastEventId });
  };
}

for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line);
  if (command.open) await page.evaluate(follow, command);
  else await page.addScriptTag({ content: command.run });
}
await browser.close();
