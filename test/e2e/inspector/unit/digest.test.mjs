// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digest } from '../../../../http/inspector/page/digest.js';
import { blocks, plainText } from '../../../../http/inspector/page/event_blocks.js';

const of = (event) => digest(JSON.stringify({ id: 'sevt_1', processed_at: '2026-05-29T10:00:00.5Z', ...event }));

test('what the kinds of events say', () => {
  const message = of({ type: 'agent.message', content: [{ type: 'text', text: 'Hello' }] });
  assert.deepEqual(
    [message.label, message.group, message.text, message.time],
    ['Agent', 'message', 'Hello', 1780048800500],
  );
  const use = of({ type: 'agent.tool_use', name: 'bash', input: { command: 'ls' }, evaluated_permission: 'ask' });
  assert.deepEqual([use.name, use.text, use.asks, use.isUse], ['bash', 'ls', true, true]);
  const page = of({ type: 'agent.tool_use', content: { name: 'web_search', input: { query: 'order', limit: 2 } } });
  assert.deepEqual([page.name, page.text], ['web_search', 'query: order, limit: 2']);
  const result = of({ type: 'agent.mcp_tool_result', mcp_tool_use_id: 'sevt_0', is_error: true, content: 'no' });
  assert.deepEqual([result.ref, result.isError, result.text], ['sevt_0', true, 'no']);
  const failure = of({
    type: 'session.error',
    error: { type: 'billing_error', message: 'No credit', retry_status: { type: 'terminal' } },
  });
  assert.deepEqual(
    [failure.name, failure.text, failure.note, failure.isError],
    ['billing_error', 'No credit', 'terminal', true],
  );
  assert.equal(of({ type: 'session.status_idle', stop_reason: { type: 'end_turn' } }).stop, 'end_turn');
  assert.equal(
    of({ type: 'session.status_idle', redacted: { at: 'x', stop_reason: 'requires_action' } }).stop,
    'requires_action',
  );
  assert.deepEqual(
    of({ type: 'span.model_request_end', model_usage: { input_tokens: 5, output_tokens: 'x' } }).usage,
    { input: 5, output: 0, cacheRead: 0, cacheWrite: 0 },
  );
  assert.equal(
    of({ type: 'session.usage', usage: { list_cost: { amount: '120', currency: 'usd' } } }).cost.minor,
    120,
  );
});

test('any value in any field is shown somehow, and throws nothing', () => {
  const odd = [
    null,
    1,
    '',
    'text',
    true,
    [],
    [null, 3, 'x', { type: 7 }],
    {},
    { type: 'image' },
    { type: 'text', text: 4 },
    { type: 'constructor' },
  ];
  const types = [
    'user.message',
    'agent.tool_use',
    'agent.tool_result',
    'session.error',
    'session.status_idle',
    'span.model_request_end',
    'session.usage',
    'user.tool_confirmation',
    'session.event_redacted',
    'acme.step_done',
    'constructor',
    '__proto__',
    'toString',
  ];
  const fields = [
    'content',
    'name',
    'input',
    'error',
    'stop_reason',
    'stop_details',
    'model_usage',
    'usage',
    'tool_use_id',
    'redacted',
    'deny_message',
    'is_error',
    'event_id',
  ];
  for (const type of types) {
    for (const value of odd) {
      for (const field of fields) {
        const record = of({ type, [field]: value });
        assert.equal(typeof record.text, 'string', `${type} ${field} ${JSON.stringify(value)}`);
        assert.equal(typeof record.label, 'string');
      }
    }
  }
  assert.equal(digest('{}').type, 'unknown');
  assert.equal(of({ type: 'acme.step_done', step: 3 }).text, '{"step":3}');
});

test('content in all of its forms', () => {
  assert.deepEqual(blocks('hi'), [{ kind: 'text', text: 'hi' }]);
  assert.deepEqual(blocks(undefined), []);
  const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'aGk=' } };
  assert.deepEqual(blocks([image]), [{ kind: 'image', url: 'data:image/png;base64,aGk=', title: 'image/png, 3 B' }]);
  assert.equal(blocks([{ ...image, source: { ...image.source, media_type: 'image/svg+xml' } }])[0].kind, 'note');
  assert.equal(blocks([{ ...image, source: { ...image.source, data: '"><script>' } }])[0].kind, 'note');
  assert.equal(blocks([{ type: 'image', source: { type: 'url', url: 'javascript:alert(1)' } }])[0].kind, 'note');
  assert.deepEqual(blocks([{ type: 'new', x: 1 }]), [{ kind: 'json', value: { type: 'new', x: 1 } }]);
  assert.equal(
    plainText([{ type: 'text', text: 'a' }, 'b', { type: 'document', source: { type: 'text', data: 'c' } }]),
    'a\nb\nc',
  );
});

test('an erased event has nothing but its tombstone', () => {
  const record = of({ type: 'user.message', redacted: { at: '2026-06-01T09:00:00Z', reason: 'a card number' } });
  assert.deepEqual(record.redacted, { at: '2026-06-01T09:00:00Z', reason: 'a card number' });
  assert.equal(record.text, '');
});
