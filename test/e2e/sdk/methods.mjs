// SPDX-License-Identifier: Apache-2.0
// Every method of the SDK's client.beta, as `group.method`, one a line of a JSON list: what docs/compatibility.md speaks about.
import Anthropic from '@anthropic-ai/sdk';
import { APIResource } from '@anthropic-ai/sdk/core/resource';

const client = new Anthropic({ apiKey: 'none', baseURL: 'http://127.0.0.1:9' });

function* methods(resource, path) {
  for (const name of Object.getOwnPropertyNames(Object.getPrototypeOf(resource)))
    if (name !== 'constructor') yield `${path}${name}`;
  for (const [name, below] of Object.entries(resource))
    if (below instanceof APIResource) yield* methods(below, `${path}${name}.`);
}

console.log(JSON.stringify([...methods(client.beta, '')]));
