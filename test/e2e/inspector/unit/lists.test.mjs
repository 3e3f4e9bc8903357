// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { backoff } from '../../../../http/inspector/page/backoff.js';
import { Heights, visible } from '../../../../http/inspector/page/heights.js';
import { matcher } from '../../../../http/inspector/page/highlight.js';
import { parse, toList, toSession } from '../../../../http/inspector/page/route.js';
import { matches, query, read, write } from '../../../../http/inspector/page/session_filters.js';
import { TimeScale } from '../../../../http/inspector/page/time_scale.js';

test('heights answer as a plain sum does, through changes, growth and loss', () => {
  let seed = 7;
  const random = (n) => {
    seed = (seed * 1103515245 + 12345) % 2 ** 31;
    return seed % n;
  };
  const plain = Array.from({ length: 50 }, () => 1 + random(60));
  const heights = new Heights(plain);
  for (let step = 0; step < 4000; step += 1) {
    const action = random(4);
    if (action === 0 || plain.length < 2) {
      plain.push(1 + random(60));
      heights.push(plain.at(-1));
    } else if (action === 1 && step % 3 === 0) {
      plain.pop();
      heights.pop();
    } else {
      const i = random(plain.length);
      plain[i] = 1 + random(60);
      heights.set(i, plain[i]);
    }
    const i = random(plain.length);
    const offset = plain.slice(0, i).reduce((a, b) => a + b, 0);
    assert.equal(heights.offset(i), offset);
    assert.equal(heights.at(offset), i);
    assert.equal(heights.at(offset + plain[i] - 1), i);
  }
  assert.equal(heights.length, plain.length);
  assert.equal(
    heights.total,
    plain.reduce((a, b) => a + b, 0),
  );
});

test('the visible rows', () => {
  const heights = new Heights(Array(1000).fill(20));
  assert.deepEqual(visible(heights, 0, 100, 0), { from: 0, to: 6 });
  assert.deepEqual(visible(heights, 10_000, 100, 40), { from: 498, to: 508 });
  assert.deepEqual(visible(heights, 1e9, 100, 40), { from: 999, to: 1000 });
  assert.deepEqual(visible(new Heights(), 0, 100, 40), { from: 0, to: 0 });
});

test('a pause without events is cut, and times come back from where they stand', () => {
  const times = [0, 1000, 2000, 3_600_000, 3_601_000];
  const scale = new TimeScale(times);
  assert.equal(scale.cuts.length, 1);
  for (const time of times) assert.ok(Math.abs(scale.time(scale.x(time)) - time) < 1);
  assert.equal(scale.x(-5), 0);
  assert.equal(scale.x(9e9), 1);
  assert.ok(scale.x(3_600_000) - scale.x(2000) < 0.3);
  assert.equal(new TimeScale([]).x(5), 0);
  assert.equal(new TimeScale([5, 5]).x(5), 0);
});

test('tries come later and later, never before the service wants them', () => {
  assert.equal(backoff(1, undefined, 1), 1000);
  assert.equal(backoff(3, undefined, 1), 4000);
  assert.equal(backoff(50, undefined, 1), 30_000);
  assert.equal(backoff(1, 4200, 0), 4200);
  assert.equal(backoff(10, 200, 0), 22_500);
});

test('places', () => {
  for (const id of ['sess_1', 'sess_/?#%']) {
    assert.deepEqual(parse(toSession(id)), { view: 'session', id, event: '' });
    assert.deepEqual(parse(toSession(id, 'sevt_2')), { view: 'session', id, event: 'sevt_2' });
  }
  assert.equal(parse('').view, 'list');
  assert.equal(parse('#/sessions/%E0%A4%A').id, '%E0%A4%A');
  assert.equal(toList(new URLSearchParams()), '#/sessions');
});

test('filters of the list survive the address, and judge as the service does', () => {
  const filters = { statuses: ['idle', 'running'], agent: 'a', archived: true, from: '2026-05-29T10:00', to: '' };
  assert.deepEqual(read(write(filters)), filters);
  assert.deepEqual(read(new URLSearchParams('status=idle,bogus')).statuses, ['idle']);
  const names = query(filters).map(([name]) => name);
  assert.deepEqual(names, ['statuses[]', 'statuses[]', 'agent_id', 'include_archived', 'created_at[gte]']);
  const session = { status: 'idle', agent_id: 'a', created_at: '2026-06-01T00:00:00Z', archived_at: null };
  assert.ok(matches(filters, session));
  assert.ok(!matches(filters, { ...session, status: 'terminated' }));
  assert.ok(!matches(filters, { ...session, created_at: '2026-05-01T00:00:00Z' }));
  assert.ok(!matches(read(new URLSearchParams()), { ...session, archived_at: '2026-06-01T00:00:00Z' }));
});

test('a search looks into the JSON as text', () => {
  assert.ok(matcher('say "HI"')('{"text":"I say \\"hi\\" (.*)"}'));
  assert.ok(matcher('(.*)')('{"text":"(.*)"}'));
  assert.ok(!matcher('(.*)')('{"text":"anything"}'));
  assert.equal(matcher(''), null);
});
