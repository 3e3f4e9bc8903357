// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SseReader } from '../../../../http/inspector/page/sse.js';

const bytes = (text) => new TextEncoder().encode(text);
const STREAM = [
  ': keep-alive\n\n',
  'event: message\nid: sevt_1\ndata: {"text":"größer 🙂 a\u2028b"}\n\n',
  'retry: 1500\nevent: ping\nid: start\ndata: {}\n\n',
  'data: [DONE]\n\n',
].join('');
const FRAMES = [
  { comment: 'keep-alive' },
  { event: 'message', id: 'sevt_1', data: '{"text":"größer 🙂 a\u2028b"}' },
  { retry: 1500, event: 'ping', id: 'start', data: '{}' },
  { data: '[DONE]' },
];

test('frames come whole, wherever the bytes are cut', () => {
  const all = bytes(STREAM);
  for (let size = 1; size <= all.length; size += 1) {
    const reader = new SseReader();
    const frames = [];
    for (let at = 0; at < all.length; at += size) frames.push(...reader.push(all.subarray(at, at + size)));
    assert.deepEqual(frames, FRAMES, `pieces of ${size}`);
  }
});

test('what has no empty line behind it is no frame', () => {
  assert.deepEqual(new SseReader().push(bytes('event: message\ndata: {"a":1}\n')), []);
});

test('carriage returns, several data lines, unknown fields and a bad retry', () => {
  const frames = new SseReader().push(bytes('data: a\r\ndata:b\r\nretry: soon\r\ncolour: red\r\nid\r\n\r\n'));
  assert.deepEqual(frames, [{ data: 'a\nb', id: '' }]);
});
