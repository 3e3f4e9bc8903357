// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Follower } from '../../../../http/inspector/page/follower.js';

const frame = (id) => `event: message\nid: ${id}\ndata: {"id":"${id}"}\n\n`;
const CAUGHT_UP = 'event: ping\nid: start\ndata: {"type":"ping","caught_up":true}\n\n';
const error = (type) => `event: error\ndata: {"type":"error","error":{"type":"${type}","message":"so"}}\n\n`;

/**
 * Each connection gives the next of these: a text, or a function of the last id; `null` is a network that is
 * not there.
 */
function follower(connections, options = {}) {
  const seen = { ids: [], states: [], asked: [] };
  const made = new Follower({
    open: async (lastId) => {
      seen.asked.push(lastId);
      const next = connections.shift();
      if (next === null) throw new TypeError('network');
      if (next instanceof Response) return next;
      return new Response(next, { status: 200 });
    },
    take: async (frames) => {
      for (const f of frames) seen.ids.push(f.id ?? 'preview');
    },
    state: (name, details) => {
      seen.states.push(name);
      seen.last = details;
      if (name === 'waiting') setTimeout(() => made.now());
    },
    ...options,
  });
  return { made, seen };
}

test('it comes again from the last id until it has everything', async () => {
  const { made, seen } = follower([
    frame('a') + frame('b') + 'event: message\nid: c',
    null,
    frame('c') + CAUGHT_UP.replace('start', 'c') + 'event: message\ndata: {}\n\n',
    frame('d') + 'data: [DONE]\n\n',
  ]);
  await made.run();
  assert.deepEqual(seen.ids, ['a', 'b', 'c', 'preview', 'd']);
  assert.deepEqual(seen.asked, ['', 'b', 'b', 'c']);
  assert.deepEqual(seen.states, [
    'connecting',
    'history',
    'waiting',
    'connecting',
    'waiting',
    'connecting',
    'history',
    'live',
    'waiting',
    'connecting',
    'history',
    'ended',
  ]);
});

test('a preview behind an event does not hide where one is', async () => {
  const preview = 'event: message\ndata: {"type":"event_start"}\n\n';
  const { made, seen } = follower([frame('a') + preview, 'data: [DONE]\n\n']);
  await made.run();
  assert.deepEqual(seen.asked, ['', 'a']);
});

test('ends that are no interruptions', async () => {
  const answer = (status, type) =>
    new Response(status === 204 ? null : JSON.stringify({ type: 'error', error: { type, message: 'so' } }), {
      status,
    });
  const rows = [
    ['data: [DONE]\n\n', 'ended'],
    [answer(204), 'ended'],
    [answer(401, 'authentication_error'), 'refused'],
    [answer(404, 'not_found'), 'gone'],
    [answer(403, 'permission_error'), 'forbidden'],
    [answer(400, 'invalid_request_error'), 'failed'],
    [error('authentication_error'), 'refused'],
    [error('not_found'), 'gone'],
  ];
  for (const [connection, end] of rows) {
    const { made, seen } = follower([connection]);
    await made.run();
    assert.equal(seen.states.at(-1), end);
  }
});

test('a service that is busy, restarts or fails is asked again when it says so', async () => {
  const waits = [];
  const { made } = follower(
    [
      new Response('{}', { status: 503, headers: { 'retry-after': '7' } }),
      'retry: 3210\nevent: ping\ndata: {"type":"ping","closing":"shutdown"}\n\n',
      error('api_error'),
      'data: [DONE]\n\n',
    ],
    {
      state: (name, details) => {
        if (name !== 'waiting') return;
        waits.push([Math.round((details.until - Date.now()) / 100) / 10, details.reason]);
        setTimeout(() => made.now());
      },
    },
  );
  await made.run();
  assert.deepEqual(
    waits.map(([, reason]) => reason),
    ['The answer was 503, from something in front of the service.', 'the service restarts', 'so'],
  );
  assert.equal(waits[0][0], 7);
  assert.ok(waits[1][0] >= 3.2 && waits[2][0] >= 3.2, JSON.stringify(waits));
});

test('a connection on which nothing comes is given up', async () => {
  const silent = () =>
    new Response(new ReadableStream({ start: (c) => c.enqueue(new TextEncoder().encode(frame('a'))) }));
  const { made, seen } = follower([], {
    patience: 30,
    open: async (lastId, signal) => {
      seen.asked.push(lastId);
      if (seen.asked.length > 1) return new Response('data: [DONE]\n\n');
      const answer = silent();
      const reader = answer.body.getReader();
      return {
        ok: true,
        status: 200,
        body: {
          getReader: () => ({
            read: () =>
              Promise.race([
                reader.read(),
                new Promise((_, reject) => {
                  signal.addEventListener('abort', () => reject(new DOMException('', 'AbortError')));
                }),
              ]),
          }),
        },
      };
    },
  });
  await made.run();
  assert.deepEqual(seen.asked, ['', 'a']);
  assert.equal(seen.states.at(-1), 'ended');
});

test('a stopped one says nothing more', async () => {
  const { made, seen } = follower([new Response(new ReadableStream({ start: () => {} }))]);
  made.run();
  await new Promise((resolve) => {
    setTimeout(resolve, 5);
  });
  made.stop();
  assert.deepEqual(seen.states, ['connecting', 'history']);
});
