// SPDX-License-Identifier: Apache-2.0
// The rows of the timeline as elements.

import { h, replace } from './dom.js';
import { blocks } from './event_blocks.js';
import { clock, cost, count, day, duration, moment, oneLine, plural, tokens } from './format.js';
import { marked } from './highlight.js';
import { toSession } from './route.js';
import { turnDuration } from './turns.js';

const THUMBNAIL_MOST = 3_000_000; // characters of an event whose images are shown in its row

/** Heights to begin with, by kind; most rows have one line. */
export function estimate(row) {
  if (row.kind === 'turn') return 40;
  if (row.kind === 'gap') return 22;
  const { record } = row;
  if (record.images) return 140;
  if (record.group === 'message') return 14 + 19 * Math.min(6, 1 + Math.floor(record.text.length / 110));
  return record.answer?.text ? 50 : 30;
}

/** What a row shows depends on: it is filled again when this changes. */
export function stamp(row, { selected, query, now, closed }) {
  if (row.kind === 'gap') return row.ms;
  if (row.kind === 'turn') return `${row.turn.version} ${closed.has(row.turn.first.id)} ${row.turn.isOver ? 0 : now}`;
  const { record } = row;
  const { answer, confirmation } = record;
  const waits = record.isUse && !answer && !record.turn?.isOver ? now : 0;
  const related = `${answer?.id} ${answer?.redacted !== undefined} ${confirmation?.id}`;
  const own = `${record.redacted !== undefined} ${waits} ${record.isPreview ? record.text.length : ''}`;
  return `${record === selected} ${query} ${own} ${related}`;
}

export function fillRow(row, element, context) {
  element.className = `row ${row.kind}`;
  if (row.kind === 'gap') replace(element, h('span', {}, `${duration(row.ms)} later`));
  else if (row.kind === 'turn') fillTurn(row.turn, element, context);
  else fillEvent(row.record, element, context);
}

function fillTurn(turn, element, { closed, fold, now, query }) {
  const isClosed = closed.has(turn.first.id);
  const isRunning = !turn.isOver && turn.state === 'running';
  const took = isRunning ? now - turn.first.time : turnDuration(turn);
  const title = oneLine(turn.title) || 'Turn without a message';
  replace(
    element,
    h(
      'button',
      { class: 'fold', type: 'button', 'aria-expanded': String(!isClosed), onclick: () => fold(turn) },
      h('span', { class: 'chevron', 'aria-hidden': 'true' }),
      h('span', { class: 'turn-title' }, marked(title, query)),
    ),
    h(
      'span',
      { class: 'facts' },
      stopMark(turn),
      h('span', { title: 'how long the turn took' }, duration(took)),
      turn.tools > 0 && h('span', { 'data-less': true }, plural(turn.tools, 'tool')),
      turn.errors > 0 && h('span', { class: 'bad-text' }, plural(turn.errors, 'error')),
      turn.input + turn.output > 0 &&
        h(
          'span',
          { 'data-less': true, title: `${count(turn.input)} tokens in, ${count(turn.output)} out` },
          `${tokens(turn.input)} → ${tokens(turn.output)} tok`,
        ),
      Number.isFinite(turn.cost) && h('span', { 'data-less': true }, cost(turn.cost, turn.currency)),
      h('time', { title: moment(turn.first.time) }, started(turn.first.time, now)),
    ),
  );
}

/** The day only if it is another one. */
function started(time, now) {
  const at = clock(time).slice(0, 8);
  return day(time) === day(now) ? at : `${day(time)} ${at}`;
}

const STOP_TONES = {
  __proto__: null,
  end_turn: 'calm',
  requires_action: 'wait',
  retries_exhausted: 'bad',
  budget_reached: 'bad',
  refusal: 'bad',
};

function stopMark(turn) {
  const word = turn.end ? turn.stop || turn.state : turn.state;
  const tone = turn.end
    ? (STOP_TONES[word] ?? (turn.state === 'terminated' ? 'dead' : 'calm'))
    : turn.state === 'running'
      ? 'run'
      : 'wait';
  return h('span', { class: `stop ${tone}` }, word);
}

function fillEvent(record, element, context) {
  const { selected, sessionId, select } = context;
  const isSelected = record === selected;
  element.classList.add(`is-${record.group}`);
  element.classList.toggle('is-error', Boolean(record.isError || record.answer?.isError));
  element.classList.toggle('is-selected', isSelected);
  element.classList.toggle('is-preview', Boolean(record.isPreview));
  element.classList.toggle('is-user', record.type.startsWith('user.'));
  const link = record.isPreview
    ? h('span', { class: 'at' }, 'now')
    : h(
        'a',
        {
          class: 'at',
          href: toSession(sessionId, record.id),
          tabindex: isSelected ? '0' : '-1',
          'aria-current': isSelected && 'true',
          'aria-label': `${record.label}, ${clock(record.time)}`,
          title: moment(record.time),
          onclick: (event) => select(record, event),
        },
        clock(record.time),
      );
  const isKnown = record.label !== record.type;
  replace(
    element,
    link,
    h('span', { class: isKnown ? 'tag' : 'tag raw-type', title: record.type }, record.label),
    body(record, context),
    meta(record, context),
  );
  element.onclick = (event) => {
    if (record.isPreview || event.target.closest('a, button') || String(document.getSelection()) !== '') return;
    select(record, event);
  };
}

function body(record, context) {
  const { query } = context;
  if (record.redacted) return h('div', { class: 'body' }, tombstone(record));
  if (record.isUse && record.group === 'tool') return toolBody(record, context);
  if (record.group === 'model') return h('div', { class: 'body quiet' }, modelText(record));
  const clamp = record.group === 'message' || record.group === 'thinking' || record.group === 'error';
  return h(
    'div',
    { class: 'body' },
    record.name && record.group === 'error' && h('strong', { class: 'name' }, marked(record.name, query)),
    record.isConfirmation && h('strong', {}, record.verdict),
    record.stop && h('span', { class: `stop ${STOP_TONES[record.stop] ?? 'calm'}` }, record.stop),
    (record.text !== '' || record.isPreview) &&
      h(
        'div',
        { class: clamp ? 'text clamp' : 'text line' },
        marked(clamp ? record.text : oneLine(record.text), query),
        record.isPreview && h('span', { class: 'caret', 'aria-hidden': 'true' }),
      ),
    Number.isFinite(record.cost?.minor) && `${cost(record.cost.minor, record.cost.currency)} so far`,
    record.note && h('span', { class: 'quiet' }, record.note),
    record.images && thumbnails(record),
  );
}

function toolBody(record, { query }) {
  const { answer, confirmation } = record;
  return h(
    'div',
    { class: 'body' },
    h(
      'div',
      { class: 'text line' },
      h('strong', { class: 'name' }, marked(record.name, query)),
      ' ',
      h('span', { class: 'mono' }, marked(oneLine(record.text), query)),
    ),
    confirmation &&
      h(
        'div',
        { class: 'text line quiet' },
        h('span', { class: confirmation.verdict === 'denied' ? 'bad-text' : '' }, confirmation.verdict),
        confirmation.text && [': ', marked(oneLine(confirmation.text), query)],
      ),
    answer &&
      (answer.redacted
        ? h('div', { class: 'answer' }, tombstone(answer))
        : (answer.text || answer.isError) &&
          h(
            'div',
            { class: answer.isError ? 'answer line bad-text' : 'answer line' },
            marked(oneLine(answer.text) || 'failed', query),
          )),
    answer?.images && thumbnails(answer),
  );
}

function tombstone({ redacted }) {
  return h(
    'span',
    { class: 'tombstone' },
    'Erased',
    redacted.at && ` on ${redacted.at.slice(0, 10)}`,
    redacted.reason && `: ${redacted.reason}`,
  );
}

function modelText({ answer }) {
  if (!answer) return 'model request';
  const { usage } = answer;
  if (!usage || usage.input + usage.output + usage.cacheRead + usage.cacheWrite === 0)
    return answer.isError ? 'model request failed' : 'model request';
  const cached = usage.cacheRead > 0 ? ` (${tokens(usage.cacheRead)} cached)` : '';
  const all = tokens(usage.input + usage.cacheRead + usage.cacheWrite);
  return `${answer.isError ? 'failed, ' : ''}${all} tokens in${cached}, ${tokens(usage.output)} out`;
}

function meta(record, { now }) {
  const { answer } = record;
  if (record.isUse && answer) {
    return h(
      'span',
      { class: 'meta' },
      answer.isError && h('span', { class: 'bad-text' }, 'error '),
      duration(answer.time - record.time),
    );
  }
  if (record.isUse && record.group === 'tool' && !record.redacted) {
    if (record.asks && !record.confirmation) return h('span', { class: 'meta wait-text' }, 'waits for approval');
    if (record.turn?.isOver) return h('span', { class: 'meta' }, 'no result');
    return h('span', { class: 'meta' }, `${duration(Math.max(0, now - record.time)).replace(/\.\d+/, '')} …`);
  }
  if (record.usage) return h('span', { class: 'meta' }, `${tokens(record.usage.output)} out`);
  return h('span', { class: 'meta' });
}

/** Small images, in boxes whose size does not depend on them. */
function thumbnails(record) {
  if (record.raw.length > THUMBNAIL_MOST)
    return h('span', { class: 'quiet' }, `${plural(record.images, 'image')}, in the details`);
  const images = blocks(JSON.parse(record.raw).content)
    .filter((b) => b.kind === 'image')
    .slice(0, 4);
  return h(
    'div',
    { class: 'thumbs' },
    images.map((image) => h('img', { src: image.url, alt: image.title, decoding: 'async' })),
  );
}
