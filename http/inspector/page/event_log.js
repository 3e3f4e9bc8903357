// SPDX-License-Identifier: Apache-2.0
// The part of a session's log that is loaded: records in order, uses joined with what answers them, turns,
// previews.

import { preview } from './digest.js';
import { Turns } from './turns.js';

/**
 * Grows at both ends. `version` changes with whatever a reader can see; `structure` when more than the end
 * has changed.
 */
export class EventLog {
  records = [];
  turns = new Turns();
  previews = new Map();
  version = 0;
  structure = 0;
  #byId = new Map();
  #erased = new Set();
  #answers = new Map(); // use id → answers that came before it was loaded
  #open = []; // uses without an answer, in order

  get(id) {
    return this.#byId.get(id);
  }

  has(id) {
    return this.#byId.has(id);
  }

  /** An event behind the last one; false if it is there already. */
  append(record) {
    if (record.id !== '' && this.#byId.has(record.id)) return false;
    this.version += 1;
    this.#conclude(record);
    this.#admit(record);
    this.records.push(record);
    this.turns.add(record);
    return true;
  }

  /**
   * Events before the first one, in order. Those that are there already are passed over. Gives how many are
   * new.
   */
  prepend(records) {
    const fresh = records.filter((record) => record.id === '' || !this.#byId.has(record.id));
    if (fresh.length === 0) return 0;
    this.version += 1;
    this.structure += 1;
    this.#admitBefore(fresh);
    this.records = fresh.concat(this.records);
    this.#refold();
    return fresh.length;
  }

  /** An `event_start` or `event_delta`. */
  show(told) {
    this.version += 1;
    if (told.type === 'event_start' && typeof told.event === 'object' && told.event !== null) {
      const { id, type } = told.event;
      if (typeof id === 'string' && !this.has(id)) this.previews.set(id, preview(id, String(type), ''));
    } else if (told.type === 'event_delta') {
      const shown = this.previews.get(told.event_id);
      const text = told.delta?.content?.text;
      if (shown !== undefined && typeof text === 'string') shown.text += text;
    }
  }

  /** The connection broke: what was announced on it may never come. */
  dropPreviews() {
    if (this.previews.size > 0) this.version += 1;
    this.previews.clear();
  }

  #refold() {
    this.turns = new Turns();
    for (const record of this.records) this.turns.add(record);
  }

  #conclude(record) {
    this.previews.delete(record.id);
    if (record.type === 'span.model_request_end' || record.type.startsWith('session.status_')) this.previews.clear();
    if (record.erases) this.#erase(record.erases, record);
  }

  #erase(id, by) {
    this.#erased.add(id);
    const copy = this.#byId.get(id);
    if (copy === undefined || copy.redacted) return;
    this.structure += 1;
    Object.assign(copy, bare(copy, by));
    this.#refold(); // a turn's title may have been its text
  }

  #admit(record) {
    if (this.#erased.has(record.id) && !record.redacted) Object.assign(record, bare(record));
    if (record.id !== '') this.#byId.set(record.id, record);
    if (record.isUse) this.#admitUse(record);
    else if (record.isResult || record.isConfirmation) this.#admitAnswer(record);
  }

  #admitUse(use) {
    use.answer = use.confirmation = undefined;
    this.#open.push(use);
    for (const answer of this.#answers.get(use.id) ?? []) this.#join(use, answer);
    this.#answers.delete(use.id);
  }

  #admitAnswer(answer) {
    answer.use = undefined;
    const use = this.#byId.get(answer.ref) ?? this.#unnamed(answer);
    if (use?.isUse) this.#join(use, answer);
    else if (answer.ref) this.#answers.set(answer.ref, [...(this.#answers.get(answer.ref) ?? []), answer]);
  }

  /**
   * Logs of other systems name a use by an id that none of the events has: then it is the first that is still
   * open.
   */
  #unnamed(answer) {
    if (!answer.isResult || answer.ref.startsWith('sevt_')) return undefined;
    return this.#open.find((use) => use.group === answer.group);
  }

  #join(use, answer) {
    answer.use = use;
    if (answer.isConfirmation) {
      use.confirmation = answer;
      return;
    }
    use.answer = answer;
    const at = this.#open.indexOf(use);
    if (at >= 0) this.#open.splice(at, 1);
  }

  /** Older records: their uses may have answers in what is there already, which keep their place. */
  #admitBefore(fresh) {
    const open = this.#open;
    this.#open = [];
    for (const record of fresh) this.#admit(record);
    for (const [ref, answers] of this.#answers) {
      const left = answers.filter((answer) => {
        const use = this.#unnamed(answer);
        if (use !== undefined) this.#join(use, answer);
        return use === undefined;
      });
      if (left.length === 0) this.#answers.delete(ref);
      else this.#answers.set(ref, left);
    }
    this.#open = this.#open.concat(open);
  }
}

/** What is left of a record whose event was erased, until the service is asked for the event in its place. */
function bare(record, by) {
  const at = by !== undefined && Number.isFinite(by.time) ? new Date(by.time).toISOString() : '';
  const redacted = { at, reason: '' };
  const raw = JSON.stringify({
    id: record.id,
    type: record.type,
    redacted: at ? { at } : {},
    processed_at: Number.isFinite(record.time) ? new Date(record.time).toISOString() : null,
  });
  return { ...blank, redacted, raw };
}

const blank = { text: '', name: undefined, images: undefined, note: undefined, asks: false };
