// SPDX-License-Identifier: Apache-2.0
// What the timeline keeps of an event: a small record beside the event's own text. The rest is parsed when it
// is looked at.

import { blocks, plainText, text } from './event_blocks.js';
import { excerpt, instant, minorUnits } from './format.js';

const EXCERPT = 600; // characters of a message that a row can show

/** Groups that the filter offers, and the word that stands beside an event of each. */
export const GROUPS = {
  message: 'Messages',
  tool: 'Tools',
  thinking: 'Thinking',
  model: 'Model requests',
  status: 'Status',
  error: 'Errors',
  other: 'Other',
};

const object = (value) => (typeof value === 'object' && value !== null ? value : {});

/**
 * `{id, type, time, raw, group, label, text, …}`. `raw` is the event as it came; nothing of the event is
 * trusted to have the type that it should. Fields that only some have: `name` of a tool, `ref` (the id that
 * it answers), `isError`, `stop`, `asks` (waits for a confirmation), `usage`, `cost`, `redacted`, `images`.
 */
export function digest(raw, event = JSON.parse(raw)) {
  const type = text(event.type) || 'unknown';
  const record = {
    id: text(event.id),
    type,
    time: instant(event.processed_at),
    raw,
    group: 'other',
    label: label(type),
    text: '',
  };
  const redacted = event.redacted;
  (KINDS[type] ?? kindOf(type))(record, event);
  if (typeof redacted === 'object' && redacted !== null) {
    record.redacted = { at: text(redacted.at), reason: text(redacted.reason) };
    record.text = '';
  }
  record.text = excerpt(record.text, EXCERPT);
  return record;
}

/** What an event is shown as while it is being produced. */
export function preview(id, type, content) {
  return {
    id,
    type,
    time: NaN,
    raw: '',
    group: type === 'agent.thinking' ? 'thinking' : 'message',
    label: label(type),
    text: content,
    isPreview: true,
  };
}

function label(type) {
  return LABELS[type] ?? type;
}

const LABELS = {
  __proto__: null,
  'user.message': 'User',
  'user.interrupt': 'Interrupt',
  'user.tool_confirmation': 'Confirmation',
  'user.tool_result': 'Result',
  'user.custom_tool_result': 'Result',
  'user.define_outcome': 'Outcome',
  'system.message': 'System',
  'agent.message': 'Agent',
  'agent.thinking': 'Thinking',
  'agent.tool_use': 'Tool',
  'agent.mcp_tool_use': 'MCP tool',
  'agent.custom_tool_use': 'Custom tool',
  'agent.tool_result': 'Result',
  'agent.mcp_tool_result': 'Result',
  'session.error': 'Error',
  'session.status_running': 'Running',
  'session.status_idle': 'Idle',
  'session.status_rescheduled': 'Rescheduled',
  'session.status_terminated': 'Terminated',
  'session.deleted': 'Deleted',
  'session.thread_created': 'Thread',
  'agent.thread_message_received': 'Received',
  'agent.thread_message_sent': 'Sent',
  'agent.thread_context_compacted': 'Compacted',
  'session.thread_status_running': 'Thread',
  'session.thread_status_idle': 'Thread',

  'session.event_redacted': 'Erased',
  'session.usage': 'Usage',
  'session.updated': 'Updated',
  'span.model_request_start': 'Model',
  'span.model_request_end': 'Model',
};

function message(record, event) {
  record.group = 'message';
  record.text = plainText(event.content);
  const images = blocks(event.content).filter((b) => b.kind === 'image').length;
  if (images > 0) record.images = images;
}

function toolUse(record, event) {
  const inner = object(event.content);
  const input = event.input ?? inner.input;
  record.group = 'tool';
  record.isUse = true;
  record.name = excerpt(text(event.name) || text(inner.name) || 'unnamed tool', 120);
  if (text(event.mcp_server_name)) record.name = `${excerpt(event.mcp_server_name, 80)} / ${record.name}`;
  record.text = inputText(input);
  record.asks = event.evaluated_permission === 'ask';
}

function inputText(input) {
  if (input === undefined || input === null) return '';
  if (typeof input !== 'object') return String(input);
  const values = Object.values(input);
  if (values.length === 1 && typeof values[0] === 'string') return values[0];
  if (Array.isArray(input) || values.length === 0) return JSON.stringify(input);
  const told = (value) => (typeof value === 'string' ? value : JSON.stringify(value));
  return Object.entries(input)
    .map(([name, value]) => `${name}: ${told(value)}`)
    .join(', ');
}

function toolResult(record, event) {
  message(record, event);
  record.group = 'tool';
  record.isResult = true;
  record.ref = text(event.tool_use_id) || text(event.mcp_tool_use_id) || text(event.custom_tool_use_id);
  record.isError = event.is_error === true;
}

function confirmation(record, event) {
  record.group = 'tool';
  record.isConfirmation = true;
  record.ref = text(event.tool_use_id);
  record.verdict = event.result === 'deny' ? 'denied' : event.result === 'allow' ? 'approved' : text(event.result);
  record.text = text(event.deny_message);
}

function failure(record, event) {
  const error = object(event.error);
  record.group = 'error';
  record.isError = true;
  record.name = text(error.type);
  record.text = text(error.message) || plainText(event.error ?? event.content);
  const retry = text(object(error.retry_status).type);
  if (retry) record.note = retry;
}

function idle(record, event) {
  record.group = 'status';
  record.stop =
    text(object(event.stop_reason).type) || text(event.stop_reason) || text(object(event.redacted).stop_reason);
  const details = object(event.stop_details);
  record.text = text(details.explanation) || text(details.category);
}

function status(record, event) {
  record.group = 'status';
  record.text = text(event.agent_name);
}

function spanStart(record) {
  record.group = 'model';
  record.isUse = true;
}

function spanEnd(record, event) {
  record.group = 'model';
  record.isResult = true;
  record.ref = text(event.model_request_start_id);
  record.isError = event.is_error === true;
  record.usage = usage(event.model_usage ?? event.usage);
}

function usage(told) {
  const from = object(told);
  const number = (value) => (Number.isFinite(value) ? value : 0);
  return {
    input: number(from.input_tokens),
    output: number(from.output_tokens),
    cacheRead: number(from.cache_read_input_tokens),
    cacheWrite: number(from.cache_creation_input_tokens),
  };
}

function sessionUsage(record, event) {
  const told = object(event.usage);
  const cost = object(told.list_cost);
  record.group = 'status';
  record.cost = { minor: minorUnits(cost), currency: text(cost.currency) || 'USD' };
  record.total = usage(told);
}

function erased(record, event) {
  record.group = 'status';
  record.erases = text(event.event_id);
  record.text = record.erases;
}

function other(record, event) {
  const { id, type, processed_at: time, ...rest } = event;
  record.text = plainText(event.content) || (Object.keys(rest).length > 0 ? JSON.stringify(rest) : '');
  record.isError = event.is_error === true || (typeof event.error === 'object' && event.error !== null);
}

const KINDS = {
  __proto__: null,
  'user.message': message,
  'agent.message': message,
  'system.message': message,
  'agent.thread_message_received': message,
  'agent.thread_message_sent': message,
  'agent.thinking': (record, event) => {
    message(record, event);
    record.group = 'thinking';
  },
  'agent.tool_use': toolUse,
  'agent.mcp_tool_use': toolUse,
  'agent.custom_tool_use': toolUse,
  'agent.tool_result': toolResult,
  'agent.mcp_tool_result': toolResult,
  'user.tool_result': toolResult,
  'user.custom_tool_result': toolResult,
  'user.tool_confirmation': confirmation,
  'user.interrupt': status,
  'session.error': failure,
  'workflow_run.error': failure,
  'session.status_idle': idle,
  'session.thread_status_idle': idle,
  'session.usage': sessionUsage,
  'session.event_redacted': erased,
  'span.model_request_start': spanStart,
  'span.model_request_end': spanEnd,
};

function kindOf(type) {
  return /^session\.(thread_)?status_/.test(type) ? status : other;
}
