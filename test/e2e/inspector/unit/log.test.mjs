// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digest } from '../../../../http/inspector/page/digest.js';
import { EventLog } from '../../../../http/inspector/page/event_log.js';
import { filter, Rows } from '../../../../http/inspector/page/rows.js';
import { turnDuration } from '../../../../http/inspector/page/turns.js';

let clock = 0;
const event = (id, type, more = {}, after = 100) => {
  clock += after;
  return digest(
    JSON.stringify({ id: `sevt_${id}`, type, ...more, processed_at: new Date(1.7e12 + clock).toISOString() }),
  );
};
const say = (id, text = 'x', after = 100) => event(id, 'user.message', { content: text }, after);
const idle = (id, reason = 'end_turn') => event(id, 'session.status_idle', { stop_reason: { type: reason } });
const logOf = (...records) => {
  const log = new EventLog();
  for (const record of records) log.append(record);
  return log;
};
const rowsOf = (log, ...options) => {
  const rows = new Rows(...options);
  for (const record of log.records) rows.add(record);
  return rows;
};
const shape = (rows) => rows.rows.map((row) => (row.kind === 'event' ? row.record.id.slice(5) : row.kind));

test('turns go from what starts them to the idle that ends them', () => {
  const log = logOf(
    say(1, 'first'),
    event(2, 'session.status_running'),
    event(3, 'agent.message'),
    idle(4),
    event(5, 'session.usage'),
    say(6, 'second'),
    event(7, 'session.status_running'),
    idle(8, 'requires_action'),
    event(9, 'user.tool_confirmation', { tool_use_id: 'x' }),
    event(10, 'session.status_running'),
    say(11, 'more'),
    idle(12),
  );
  const { all } = log.turns;
  assert.deepEqual(
    all.map((turn) => [turn.title, turn.count, turn.state, turn.stop]),
    [
      ['first', 5, 'idle', 'end_turn'],
      ['second', 7, 'idle', 'end_turn'],
    ],
  );
  assert.equal(turnDuration(all[0]), 300);
});

test('a turn without an idle runs, and a terminated one is over', () => {
  assert.equal(logOf(say(1), event(2, 'session.status_running')).turns.all[0].state, 'running');
  const over = logOf(event(1, 'session.status_running'), event(2, 'session.status_terminated')).turns.all[0];
  assert.deepEqual([over.state, over.isOver], ['terminated', true]);
});

test('counts of a turn: tools, errors, tokens, and its own part of the cost', () => {
  const cost = (id, amount) => event(id, 'session.usage', { usage: { list_cost: { amount, currency: 'usd' } } });
  const log = logOf(
    say(1),
    event(2, 'agent.tool_use', { name: 'a' }),
    event(3, 'agent.tool_result', { tool_use_id: 'sevt_2', is_error: true }),
    event(4, 'span.model_request_end', {
      model_usage: { input_tokens: 10, cache_read_input_tokens: 5, output_tokens: 7 },
    }),
    cost(5, '30'),
    cost(6, '50'),
    idle(7),
    say(8),
    cost(9, '80'),
    idle(10),
  );
  const [first, second] = log.turns.all;
  assert.deepEqual([first.tools, first.errors, first.input, first.output, first.cost], [1, 1, 15, 7, 50]);
  assert.equal(second.cost, 30);
});

test('a tool use stands in one row with its confirmation and its result', () => {
  const log = logOf(
    say(1),
    event(2, 'agent.tool_use', { name: 'a' }),
    event(3, 'agent.tool_use', { name: 'b' }),
    event(4, 'user.tool_confirmation', { tool_use_id: 'sevt_3', result: 'deny' }),
    event(5, 'agent.tool_result', { tool_use_id: 'sevt_3' }),
    event(6, 'agent.tool_result', { tool_use_id: 'sevt_2' }),
  );
  const rows = rowsOf(log);
  assert.deepEqual(shape(rows), ['turn', '1', '2', '3']);
  assert.equal(log.get('sevt_3').confirmation.verdict, 'denied');
  assert.equal(log.get('sevt_2').answer.time - log.get('sevt_2').time, 400);
  assert.equal(rows.indexOf(log.get('sevt_5')), 3);
});

test('a result that names no event of the log answers the first use that is open', () => {
  const log = logOf(
    event(1, 'agent.tool_use', { name: 'a' }),
    event(2, 'agent.tool_result', { tool_use_id: 'toolu_0_0' }),
    event(3, 'agent.tool_result', { tool_use_id: 'sevt_77' }),
  );
  assert.equal(log.get('sevt_1').answer.id, 'sevt_2');
  assert.equal(log.get('sevt_3').use, undefined);
});

test('older events come before, once, and whatever was open is joined', () => {
  const all = [
    say(1, 'q'),
    event(2, 'agent.tool_use', { name: 'a' }),
    event(3, 'agent.tool_use', { name: 'b' }),
    event(4, 'agent.tool_result', { tool_use_id: 'sevt_2' }),
    event(5, 'agent.tool_result', { tool_use_id: 'toolu_9' }),
    idle(6),
    say(7, 'r'),
    idle(8),
  ];
  const whole = logOf(...all.map((record) => digest(record.raw)));
  for (let cut = 1; cut < all.length; cut += 1) {
    const log = logOf(...all.slice(cut).map((record) => digest(record.raw)));
    const withKnown = Math.min(all.length, cut + 2); // two that are there already
    const older = all.slice(0, withKnown).map((record) => digest(record.raw));
    assert.equal(log.prepend(older), cut);
    assert.deepEqual(
      log.records.map((r) => r.id),
      all.map((r) => r.id),
      `cut at ${cut}`,
    );
    assert.deepEqual(
      log.turns.all.map((t) => [t.title, t.count, t.state]),
      whole.turns.all.map((t) => [t.title, t.count, t.state]),
      `cut at ${cut}`,
    );
    assert.deepEqual(shape(rowsOf(log)), shape(rowsOf(whole)), `cut at ${cut}`);
  }
});

test('an event comes once', () => {
  const log = logOf(say(1));
  assert.equal(log.append(say(1)), false);
  assert.equal(log.records.length, 1);
});

test('previews grow, and give way to the event', () => {
  const log = logOf(say(1));
  log.show({ type: 'event_start', event: { id: 'sevt_2', type: 'agent.message' } });
  log.show({
    type: 'event_delta',
    event_id: 'sevt_2',
    delta: { type: 'content_delta', content: { type: 'text', text: 'Hel' } },
  });
  log.show({ type: 'event_delta', event_id: 'sevt_2', delta: { content: { text: 'lo' } } });
  log.show({ type: 'event_delta', event_id: 'sevt_3', delta: { content: { text: 'of no start' } } });
  log.show({ type: 'event_start', event: null });
  assert.deepEqual(
    [...log.previews.values()].map((p) => p.text),
    ['Hello'],
  );
  log.append(event(2, 'agent.message', { content: 'Hello!' }));
  assert.equal(log.previews.size, 0);
  log.show({ type: 'event_start', event: { id: 'sevt_2', type: 'agent.message' } });
  assert.equal(log.previews.size, 0, 'it is there already');
  log.show({ type: 'event_start', event: { id: 'sevt_5', type: 'agent.message' } });
  log.append(event(4, 'span.model_request_end'));
  assert.equal(log.previews.size, 0, 'it will never come');
});

test('an erased event loses its copy, wherever that is', () => {
  const secret = () =>
    digest(
      JSON.stringify({
        id: 'sevt_2',
        type: 'user.message',
        content: 'a card number',
        processed_at: '2026-05-29T10:00:00Z',
      }),
    );
  const erasure = () => event(9, 'session.event_redacted', { event_id: 'sevt_2' });
  const here = logOf(secret(), erasure());
  const later = logOf(erasure());
  later.prepend([secret()]);
  for (const log of [here, later]) {
    assert.ok(log.get('sevt_2').redacted);
    assert.doesNotMatch(JSON.stringify(log.get('sevt_2').raw) + log.get('sevt_2').text, /card/);
  }
});

test('gaps are rows, and a filter keeps the head of a turn of which it shows something', () => {
  const log = logOf(
    say(1),
    event(2, 'agent.message', {}, 11_000),
    idle(3),
    say(4, 'x', 61_000),
    idle(5),
    say(6, 'x', 9_000),
  );
  assert.deepEqual(shape(rowsOf(log)), ['turn', '1', 'gap', '2', '3', 'gap', 'turn', '4', '5', 'turn', '6']);
  const hidden = rowsOf(log, filter({ hidden: new Set(['user.message']) }));
  assert.deepEqual(shape(hidden), ['turn', '2', '3', 'turn', '5']);
  const found = rowsOf(log, filter({ found: new Set([log.get('sevt_5')]) }));
  assert.deepEqual([shape(found), found.shown], [['turn', '5'], 1]);
  const closed = rowsOf(log, undefined, new Set(['sevt_1']));
  assert.deepEqual(shape(closed), ['turn', 'gap', 'turn', '4', '5', 'turn', '6']);
  assert.equal(closed.indexOf(log.get('sevt_2')), 0);
});
