// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { JsonItems } from '../../../../http/inspector/page/json_items.js';
import { pretty } from '../../../../http/inspector/page/json_pretty.js';

const ITEMS = ['{"a":"[{\\"]}\\\\","n":1.10}', '{}', '{"b":[[],{"c":"\\\\\\""}]}'];
const PAGE = ` {"data": [${ITEMS.join(', ')}] ,"next_page":"x]"}`;

test('elements come as they stand, wherever the text is cut', () => {
  for (let size = 1; size <= PAGE.length; size += 1) {
    const reader = new JsonItems();
    const items = [];
    for (let at = 0; at < PAGE.length; at += size) items.push(...reader.push(PAGE.slice(at, at + size)));
    assert.deepEqual(items, ITEMS, `pieces of ${size}`);
    assert.deepEqual(reader.envelope(), { data: [], next_page: 'x]' });
  }
});

test('an empty list, and another object', () => {
  const empty = new JsonItems();
  assert.deepEqual(empty.push('{"data":[],"next_page":null}'), []);
  assert.equal(empty.envelope().next_page, null);
  const other = new JsonItems();
  assert.deepEqual(other.push('{"type":"error"}'), []);
  assert.deepEqual(other.envelope(), { type: 'error' });
});

test('a page that ends early is an error', () => {
  const reader = new JsonItems();
  reader.push('{"data":[{"a":1},{"b"');
  assert.throws(() => reader.envelope(), SyntaxError);
});

test('JSON is laid out with the digits that it has', () => {
  assert.equal(
    pretty('{"n":1.10,"big":12345678901234567890,"e":[],"o":{},"l":[1,"a,b: {c}"]}'),
    '{\n  "n": 1.10,\n  "big": 12345678901234567890,\n  "e": [],\n  "o": {},\n  "l": [\n    1,\n    "a,b: {c}"\n  ]\n}',
  );
  assert.equal(pretty('no JSON {'), 'no JSON {');
});
