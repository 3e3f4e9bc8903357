// SPDX-License-Identifier: Apache-2.0
// The SDK as a user makes it: nothing but base URL and key. Both come from the environment.
import Anthropic from '@anthropic-ai/sdk';

export function makeClient(options = {}) {
  return new Anthropic({ apiKey: process.env.SANDBASE_KEY, baseURL: process.env.SANDBASE_URL, ...options });
}

// What a script found out, for the test that started it.
export function report(value) {
  process.stdout.write(JSON.stringify(value) + '\n');
}

export async function collect(iterable) {
  const items = [];
  for await (const item of iterable) items.push(item);
  return items;
}
