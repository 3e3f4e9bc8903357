// SPDX-License-Identifier: Apache-2.0
// Searching the loaded events: by the JSON text that they are, without regard to case.

import { h } from './dom.js';

const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/**
 * A test for a raw event; null for an empty query. What JSON writes with a backslash is looked for as it
 * stands there.
 */
export function matcher(query) {
  if (query === '') return null;
  const pattern = new RegExp(escaped(JSON.stringify(query).slice(1, -1)), 'i');
  return (raw) => pattern.test(raw);
}

/** The text as nodes, with the matches marked. */
export function marked(text, query) {
  if (query === '') return [text];
  const nodes = [];
  let at = 0;
  for (const match of text.matchAll(new RegExp(escaped(query), 'gi'))) {
    nodes.push(text.slice(at, match.index), h('mark', {}, match[0]));
    at = match.index + match[0].length;
    if (nodes.length > 100) break;
  }
  nodes.push(text.slice(at));
  return nodes.filter((node) => node !== '');
}
