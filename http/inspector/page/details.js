// SPDX-License-Identifier: Apache-2.0
// The panel beside the timeline: all of one event, and its JSON.

import { h, replace } from './dom.js';
import { blocks } from './event_blocks.js';
import { bytes, clock, duration, moment } from './format.js';
import { pretty } from './json_pretty.js';
import { shared, toSession } from './route.js';
import { copy } from './toast.js';

const PIECE = 20_000; // characters that are put into the document at once

export class Details {
  #showsRaw = false;
  #stamp = '';

  /** `close()` when the reader is done with it. */
  constructor(sessionId, close) {
    this.sessionId = sessionId;
    this.body = h('div', { class: 'details-body', tabindex: '0' });
    this.title = h('h2', {});
    this.element = h(
      'aside',
      { class: 'details', 'aria-label': 'Event details', hidden: true },
      h(
        'header',
        {},
        this.title,
        h('button', { class: 'icon', type: 'button', 'aria-label': 'Close details', onclick: close }, '✕'),
      ),
      this.body,
    );
  }

  hide() {
    this.element.hidden = true;
    this.#stamp = '';
  }

  show(record) {
    const related = [record, record.confirmation, record.answer, record.use].filter(Boolean);
    const stamp = related.map((r) => `${r.id} ${r.redacted !== undefined}`).join();
    this.element.hidden = false;
    if (stamp === this.#stamp) return;
    const isOther = this.#stamp.split(' ')[0] !== record.id;
    this.#stamp = stamp;
    replace(
      this.title,
      record.label === record.type ? record.type : `${record.label}${record.name ? ` · ${record.name}` : ''}`,
    );
    const top = isOther ? 0 : this.body.scrollTop;
    replace(this.body, this.#facts(record), this.#content(record), this.#raw(record));
    this.body.scrollTop = top;
  }

  #facts(record) {
    const other = record.answer ?? record.use;
    const link = toSession(this.sessionId, record.id);
    return h(
      'div',
      {},
      h(
        'div',
        { class: 'buttons' },
        h('button', { type: 'button', onclick: () => copy(shared(location, link), 'Link') }, 'Copy link'),
        h('button', { type: 'button', onclick: () => copy(record.raw, 'JSON') }, 'Copy JSON'),
      ),
      h(
        'dl',
        { class: 'facts-list' },
        fact('type', record.type),
        fact('id', record.id, true),
        fact('time', moment(record.time)),
        fact('size', bytes(record.raw.length)),
        other &&
          fact(record.answer ? 'answered' : 'answers', [
            h('a', { href: toSession(this.sessionId, other.id) }, clock(other.time)),
            ` after ${duration(Math.abs(other.time - record.time))}`,
          ]),
      ),
    );
  }

  #content(record) {
    if (record.redacted)
      return section(
        'Erased',
        h(
          'p',
          { class: 'tombstone' },
          [record.redacted.at, record.redacted.reason].filter(Boolean).join(': ') ||
            'The content of this event was erased.',
        ),
      );
    const event = JSON.parse(record.raw);
    const parts = [];
    if (record.isUse && record.group === 'tool') {
      parts.push(section('Input', ...input(event)));
      if (record.confirmation)
        parts.push(
          section(
            'Confirmation',
            h('p', {}, [record.confirmation.verdict, record.confirmation.text].filter(Boolean).join(': ')),
          ),
        );
    } else if (event.content !== undefined) {
      parts.push(
        section('Content', ...blocks(event.content).map((block) => shown(block, record.isResult ? 'mono' : ''))),
      );
    } else if (record.text !== '') {
      parts.push(section(record.name || 'Text', longText(record.text)));
    }
    const { answer } = record;
    if (answer?.group === 'tool') {
      const content = answer.redacted
        ? [h('p', { class: 'tombstone' }, 'Erased')]
        : blocks(JSON.parse(answer.raw).content).map((block) => shown(block, 'mono'));
      parts.push(
        section(
          answer.isError ? 'Result: error' : 'Result',
          ...(content.length > 0 ? content : [h('p', { class: 'quiet' }, 'empty')]),
        ),
      );
    }
    return parts;
  }

  #raw(record) {
    const others = [record, record.confirmation, record.answer].filter(Boolean);
    const details = h('details', { class: 'raw', open: this.#showsRaw }, h('summary', {}, 'JSON'));
    const fillIn = () => {
      this.#showsRaw = details.open;
      if (details.open && details.children.length === 1)
        details.append(...others.map((r) => h('div', {}, h('h4', {}, r.type), longText(pretty(r.raw), 'mono'))));
    };
    details.addEventListener('toggle', fillIn);
    fillIn();
    return details;
  }
}

function fact(name, value, isMono = false) {
  return h('div', {}, h('dt', {}, name), h('dd', { class: isMono && 'mono' }, value));
}

function section(title, ...content) {
  return h('section', {}, h('h3', {}, title), ...content);
}

function input(event) {
  const value = event.input ?? event.content?.input;
  if (value === undefined || value === null) return [h('p', { class: 'quiet' }, 'none')];
  if (typeof value !== 'object') return [longText(String(value), 'mono')];
  return Object.entries(value).map(([name, item]) =>
    h(
      'div',
      { class: 'argument' },
      h('h4', {}, name),
      longText(typeof item === 'string' ? item : JSON.stringify(item, null, 2), 'mono'),
    ),
  );
}

function shown(block, style) {
  switch (block.kind) {
    case 'text':
      return h('div', {}, block.title && h('h4', {}, block.title), longText(block.text, style));
    case 'image':
      return h('figure', {}, h('img', { src: block.url, alt: block.title }), h('figcaption', {}, block.title));
    case 'note':
      return h('p', { class: 'quiet' }, block.text);
    default:
      return longText(JSON.stringify(block.value, null, 2), 'mono');
  }
}

/** A text of any length: a piece of it, and more when asked for. */
function longText(text, style = '') {
  const pre = h('pre', { class: style }, text.slice(0, PIECE));
  if (text.length <= PIECE) return pre;
  let length = PIECE;
  const more = h('button', {
    type: 'button',
    onclick: () => {
      pre.append(text.slice(length, length + 5 * PIECE));
      length += 5 * PIECE;
      if (length >= text.length) more.remove();
      else label();
    },
  });
  const label = () => replace(more, `Show more (${bytes(text.length - length)} left)`);
  label();
  return h('div', {}, pre, more);
}
