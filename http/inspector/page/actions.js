// SPDX-License-Identifier: Apache-2.0
// What a reader may do in a session: write a message, interrupt, approve or deny a tool, give a custom tool's
// result. Keys that may only read see none of it.

import { askReadsOnly, noteReadsOnly } from './credentials.js';
import { h, replace } from './dom.js';
import { excerpt, oneLine } from './format.js';
import { toSession } from './route.js';
import { toast } from './toast.js';

const MOST_SHOWN = 20; // cards of what waits

export class Actions {
  #cards = new Map(); // id → element
  #isAllowed = false;
  #isBusy = false;
  #attempt = null; // the event that was sent last, and not stored as far as the page knows

  /** `refused(message)` when the key turns out to be no good. */
  constructor(api, store, refused) {
    Object.assign(this, { api, store, refused });
    this.waiting = h('div', { class: 'waiting', role: 'group', 'aria-label': 'Waits for you' });
    this.input = h('textarea', {
      rows: '1',
      placeholder: 'Message',
      'aria-label': 'Message to the session',
      oninput: () => this.#fit(),
      onkeydown: (event) => this.#key(event),
    });
    this.interrupt = h(
      'button',
      { type: 'button', onclick: () => this.#send({ type: 'user.interrupt' }, 'Interrupt sent') },
      'Interrupt',
    );
    this.form = h(
      'form',
      { class: 'composer', onsubmit: (event) => this.#message(event) },
      this.input,
      h(
        'span',
        { class: 'buttons' },
        this.interrupt,
        h('button', { class: 'primary', type: 'submit', title: 'Ctrl+Enter' }, 'Send'),
      ),
    );
    this.note = h('p', { class: 'actions-note', hidden: true });
    this.element = h(
      'section',
      { class: 'actions', 'aria-label': 'Actions', hidden: true },
      this.waiting,
      this.form,
      this.note,
    );
    this.#probe();
  }

  focus() {
    if (this.element.hidden || this.form.hidden) return false;
    this.input.focus();
    return true;
  }

  /** Looks at the store again. */
  update() {
    const { session } = this.store;
    const takes = session && session.status !== 'terminated' && !session.archived_at && !session.isDeleted;
    this.element.hidden = !this.#isAllowed || !session;
    this.form.hidden = !takes;
    this.note.hidden = Boolean(takes);
    if (session && !takes) replace(this.note, `The session is ${end(session)}: it takes no more messages.`);
    this.interrupt.hidden = session?.status !== 'running' && session?.status !== 'rescheduling';
    this.#showWaiting(takes ? this.#pending(session) : []);
  }

  /** What waits for somebody here: confirmations that are asked for, and results of custom tools. */
  #pending(session) {
    return (session.pending ?? []).filter(({ id, type }) => {
      const record = this.store.log.get(id);
      if (record?.answer || record?.redacted) return false;
      if (type === 'agent.custom_tool_use') return true;
      return record === undefined ? session.status === 'idle' : record.asks && !record.confirmation;
    });
  }

  #showWaiting(pending) {
    const shown = pending.slice(0, MOST_SHOWN);
    const ids = new Set(shown.map(({ id }) => id));
    for (const [id, card] of this.#cards) {
      if (ids.has(id) && card.wasKnown === this.store.log.has(id)) continue;
      card.remove();
      this.#cards.delete(id);
    }
    for (const use of shown) {
      if (this.#cards.has(use.id)) continue;
      const card = this.#cardOf(use);
      card.wasKnown = this.store.log.has(use.id);
      this.#cards.set(use.id, card);
      this.waiting.append(card);
    }
    this.waiting.hidden = shown.length === 0;
  }

  #cardOf(use) {
    if (use.type === 'agent.custom_tool_use') return this.#resultCard(use);
    if (this.store.log.has(use.id)) return this.#confirmationCard(use);
    return this.#card(undefined, use.id, use.name, 'waits further up: follow the link to see it', []);
  }

  #confirmationCard({ id, name }) {
    const record = this.store.log.get(id);
    const reason = h('input', {
      type: 'text',
      placeholder: 'Why not (the agent reads it)',
      'aria-label': 'Reason for denying',
      hidden: true,
    });
    const answer = (result) =>
      this.#send(
        {
          type: 'user.tool_confirmation',
          tool_use_id: id,
          result,
          ...(result === 'deny' && reason.value !== '' && { deny_message: reason.value }),
        },
        result === 'allow' ? 'Approved' : 'Denied',
      );
    const deny = h(
      'button',
      {
        class: 'danger',
        type: 'button',
        onclick: () => {
          if (!reason.hidden) return answer('deny');
          reason.hidden = false;
          replace(deny, 'Deny now');
          return reason.focus();
        },
      },
      'Deny…',
    );
    reason.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter') return;
      event.preventDefault();
      answer('deny');
    });
    return this.#card(record, id, name, 'wants to run', [
      reason,
      deny,
      h('button', { class: 'primary', type: 'button', onclick: () => answer('allow') }, 'Approve'),
    ]);
  }

  #resultCard({ id, name }) {
    const text = h('input', { type: 'text', placeholder: 'Result', 'aria-label': `Result of ${name ?? 'the tool'}` });
    const failed = h('input', { type: 'checkbox' });
    const send = () =>
      this.#send(
        {
          type: 'user.custom_tool_result',
          custom_tool_use_id: id,
          content: [{ type: 'text', text: text.value }],
          ...(failed.checked && { is_error: true }),
        },
        'Result sent',
      );
    return this.#card(this.store.log.get(id), id, name, 'waits for a result', [
      text,
      h('label', { class: 'check' }, failed, 'error'),
      h('button', { class: 'primary', type: 'button', onclick: send }, 'Send result'),
    ]);
  }

  #card(record, id, name, what, controls) {
    return h(
      'div',
      { class: 'card' },
      h(
        'div',
        { class: 'card-text' },
        h('a', { href: toSession(this.store.id, id) }, name ?? record?.name ?? 'A tool'),
        ` ${what} `,
        record && h('span', { class: 'mono' }, excerpt(oneLine(record.text), 200)),
      ),
      h('div', { class: 'buttons' }, controls),
    );
  }

  #message(event) {
    event.preventDefault();
    const text = this.input.value.trim();
    if (text === '') return;
    this.#send({ type: 'user.message', content: [{ type: 'text', text }] }, '').then((isSent) => {
      if (!isSent) return;
      this.input.value = '';
      this.#fit();
    });
  }

  /**
   * One event. Gives whether it is stored. Another try of what failed is the same attempt: it is stored once.
   */
  async #send(event, done) {
    if (this.#isBusy) return false;
    this.#isBusy = true;
    const text = JSON.stringify(event);
    if (this.#attempt?.text !== text) this.#attempt = { text, name: random() };
    try {
      await this.api.post(`${this.store.path}/events`, { events: [event] }, this.#attempt.name);
      this.#attempt = null;
      if (done) toast(done);
      await this.store.look();
      return true;
    } catch (error) {
      if (error.status === 401) this.refused(error.message);
      if (error.status === 403) this.#forbid();
      toast(error.message, true);
      return false;
    } finally {
      this.#isBusy = false;
    }
  }

  async #probe() {
    this.#isAllowed = !(await askReadsOnly(this.api, this.store.path));
    this.update();
  }

  #forbid() {
    noteReadsOnly(true);
    this.#isAllowed = false;
    this.update();
  }

  #key(event) {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) this.#message(event);
    if (event.key === 'Escape') this.input.blur();
  }

  #fit() {
    this.input.style.height = 'auto';
    this.input.style.height = `${Math.min(160, this.input.scrollHeight + 2)}px`;
  }
}

/** Without crypto.randomUUID, which plain HTTP does not have. */
function random() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

function end(session) {
  if (session.isDeleted) return 'deleted';
  return session.status === 'terminated' ? 'terminated' : 'archived';
}
