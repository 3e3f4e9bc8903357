// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as format from '../../../../http/inspector/page/format.js';

test('durations', () => {
  const rows = [
    [0, '0 ms'],
    [999.4, '999 ms'],
    [1000, '1.00 s'],
    [9_994, '9.99 s'],
    [9_996, '10.0 s'],
    [59_949, '59.9 s'],
    [59_960, '1 m 00 s'],
    [187_000, '3 m 07 s'],
    [3_599_600, '1 h 00 m'],
    [15_120_000, '4 h 12 m'],
    [273_600_000, '3 d 4 h'],
    [NaN, '–'],
    [-5, '0 ms'],
  ];
  for (const [ms, text] of rows) assert.equal(format.duration(ms), text);
});

test('ages, counts, tokens, sizes, costs', () => {
  const now = 1_000_000_000;
  for (const [ms, text] of [
    [0, 'now'],
    [12_000, '12 s'],
    [300_000, '5 min'],
    [7_200_000, '2 h'],
    [864_000_000, '10 d'],
    [-9_000, 'now'],
  ]) {
    assert.equal(format.age(now - ms, now), text);
  }
  assert.equal(format.age(NaN, now), '–');
  assert.deepEqual([0, 1234567, NaN].map(format.count), ['0', '1,234,567', '–']);
  assert.deepEqual([999, 12_345, 456_789, 4_560_000].map(format.tokens), ['999', '12.3k', '457k', '4.56M']);
  assert.deepEqual([812, 14_200, 3_100_000].map(format.bytes), ['812 B', '14.2 KB', '3.1 MB']);
  assert.equal(format.cost(format.minorUnits({ amount: '1234', currency: 'usd' })), '$12.34');
  assert.equal(format.cost(5, 'eur'), '0.05 EUR');
  for (const none of [null, undefined, {}, '12', { amount: 'much' }])
    assert.equal(format.cost(format.minorUnits(none)), '');
});

test('an excerpt does not cut an emoji in two', () => {
  assert.equal(format.excerpt('ab🙂cd', 3), 'ab…');
  assert.equal(format.excerpt('ab', 3), 'ab');
});
