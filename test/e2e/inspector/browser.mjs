// SPDX-License-Identifier: Apache-2.0
// A page in Chromium that does what it is told: takes {id, call, args} as JSON lines, answers each with {id,
// result} or {id, error}. Beside that it says {failed} for every exception, console error and broken content
// policy of the page. argv: an empty directory for the browser's own files.
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const [directory] = process.argv.slice(2);
const say = (value) => process.stdout.write(JSON.stringify(value) + '\n');
const axe = readFileSync(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8');

const context = await chromium.launchPersistentContext(directory, {
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  headless: true,
  viewport: { width: 1280, height: 800 },
  permissions: ['clipboard-read', 'clipboard-write'],
  timezoneId: 'UTC',
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--no-proxy-server',
    '--disable-dev-shm-usage',
  ],
});
await context.addInitScript(() => {
  document.addEventListener('securitypolicyviolation', (event) =>
    console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`),
  );
});
const page = context.pages()[0] ?? (await context.newPage());
page.setDefaultTimeout(45_000);
page.setDefaultNavigationTimeout(60_000);
page.on('pageerror', (error) => say({ failed: String(error.stack ?? error) }));
page.on('console', (message) => {
  // The browser itself tells of every answer that is no 200, and of every connection that breaks.
  if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
    say({ failed: message.text() });
});
page.on('dialog', (dialog) => {
  say({ failed: `a dialog: ${dialog.message()}` });
  dialog.dismiss();
});

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const TRACED = ['RunTask', 'thread_name'];

/** Runs in the page. */
async function watched(script) {
  let longest = 0;
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) longest = Math.max(longest, entry.duration);
  });
  observer.observe({ type: 'longtask' });
  const frame = () =>
    new Promise((resolve) => {
      requestAnimationFrame(resolve);
    });
  await script(document.querySelector('.scroller'), frame);
  await new Promise((resolve) => {
    setTimeout(resolve, 200);
  });
  observer.disconnect();
  return longest;
}

const calls = {
  goto: async (url) => {
    await page.goto(url);
  },
  reload: async () => {
    await page.reload();
  },
  click: async (selector) => {
    await page.locator(selector).first().click();
  },
  fill: async (selector, text) => {
    await page.locator(selector).first().fill(text);
  },
  press: async (key) => {
    await page.keyboard.press(key);
  },
  type: async (text) => {
    await page.keyboard.type(text);
  },
  select: async (selector, value) => {
    await page.locator(selector).first().selectOption(value);
  },
  wait: async (selector) => {
    await page.locator(selector).first().waitFor();
  },
  gone: async (selector) => {
    await page.locator(selector).first().waitFor({ state: 'hidden' });
  },
  count: (selector) => page.locator(selector).count(),
  text: (selector) => page.locator(selector).first().innerText(),
  texts: (selector) => page.locator(selector).allInnerTexts(),
  visible: (selector) => page.locator(selector).first().isVisible(),
  attribute: (selector, name) => page.locator(selector).first().getAttribute(name),
  run: (script, ...args) => page.evaluate(`(${script})(...${JSON.stringify(args)})`),
  // By DevTools all the time: the page's content policy allows no code out of a text.
  until: async (script, timeout = 45_000) => {
    for (const end = Date.now() + timeout; !(await page.evaluate(`(${script})()`)); await sleep(30)) {
      if (Date.now() > end) throw new Error(`not within ${timeout} ms: ${script}`);
    }
  },
  mouse: async (x, y) => {
    await page.mouse.click(x, y);
  },
  hover: async (x, y) => {
    await page.mouse.move(x, y);
  },
  wheel: async (x, y, by) => {
    await page.mouse.move(x, y);
    await page.mouse.wheel(0, by);
  },
  frames: (count) =>
    page.evaluate(async (n) => {
      for (let i = 0; i < n; i += 1)
        await new Promise((resolve) => {
          requestAnimationFrame(resolve);
        });
    }, count),
  size: async (width, height) => {
    await page.setViewportSize({ width, height });
  },
  media: async (options) => {
    await page.emulateMedia(options);
  },
  // The longest task of the page's thread while the script runs: `wall` by the page's own observer (0 below
  // 50 ms), `own` in time of the processor, which does not grow with what else the machine does.
  // Milliseconds.
  tasks: async (script) => {
    const tracing = await context.newCDPSession(page);
    const found = [];
    tracing.on('Tracing.dataCollected', ({ value }) =>
      found.push(...value.filter(({ name }) => TRACED.includes(name))),
    );
    await tracing.send('Tracing.start', {
      traceConfig: { includedCategories: ['toplevel', 'disabled-by-default-devtools.timeline', 'devtools.timeline'] },
    });
    const wall = await page.evaluate(`(${watched})(${script})`);
    const done = new Promise((resolve) => {
      tracing.once('Tracing.tracingComplete', resolve);
    });
    await tracing.send('Tracing.end');
    await done;
    await tracing.detach();
    const main = new Set(
      found.filter((e) => e.args?.name === 'CrRendererMain').map(({ pid, tid }) => `${pid} ${tid}`),
    );
    const own = found
      .filter(({ name, pid, tid }) => name === 'RunTask' && main.has(`${pid} ${tid}`))
      .map(({ tdur }) => (tdur ?? 0) / 1000);
    return { wall, own: Math.max(0, ...own) };
  },
  shot: async (path) => {
    await page.screenshot({ path });
  },
  axe: async () => {
    const { violations } = await page.evaluate(`${axe}; axe.run(document, { runOnly: ${JSON.stringify(RULES)} })`);
    return violations.map(({ id, nodes }) => ({
      id,
      nodes: nodes.map(({ html, failureSummary }) => `${html.slice(0, 200)} ${failureSummary}`).slice(0, 5),
    }));
  },
};

say({ ready: true });
for await (const line of createInterface({ input: process.stdin })) {
  const { id, call, args } = JSON.parse(line);
  try {
    say({ id, result: (await calls[call](...args)) ?? null });
  } catch (error) {
    say({ id, error: String(error.message ?? error) });
  }
}
await context.close();
