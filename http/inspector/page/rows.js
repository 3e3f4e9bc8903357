// SPDX-License-Identifier: Apache-2.0
// What the timeline shows, line by line: a head for each turn, the gaps in time, the events that a filter
// lets through. An answer stands in the line of what it answers.

const GAP_WITHIN = 10_000; // milliseconds without an event that are worth a line
const GAP_BETWEEN = 60_000; // the same between two turns

/**
 * `shows(record)` is the filter, `closed` the turns of which only the head is wanted (ids of their first
 * events). `rows` only grows: `add` takes the records in order.
 */
export class Rows {
  rows = [];
  shown = 0; // events that are in some row
  #byRecord = new Map();
  #before = null;
  #turn = null;

  constructor(shows = () => true, closed = new Set()) {
    this.shows = shows;
    this.closed = closed;
  }

  add(record) {
    const before = this.#before;
    this.#before = record;
    if (!this.shows(record)) return;
    this.shown += 1;
    const shown = record.use ?? record;
    if (!this.#byRecord.has(shown)) this.#push(shown, record.turn, before);
  }

  /** The index of the row that shows the record; -1 if none does. */
  indexOf(record) {
    return this.#byRecord.get(record.use ?? record) ?? -1;
  }

  #push(record, turn, before) {
    const isNew = turn !== this.#turn;
    const isClosed = this.closed.has(turn.first.id);
    const gap = before === null ? 0 : record.time - before.time;
    this.#turn = turn;
    if (gap >= (isNew ? GAP_BETWEEN : GAP_WITHIN) && (isNew || !isClosed)) {
      this.rows.push({ key: `gap ${record.id}`, kind: 'gap', ms: gap });
    }
    if (isNew) this.rows.push({ key: `turn ${turn.first.id}`, kind: 'turn', turn });
    if (isClosed) {
      this.#byRecord.set(record, this.#headOf(turn));
      return;
    }
    this.#byRecord.set(record, this.rows.length);
    this.rows.push({ key: record.id, kind: 'event', record });
  }

  #headOf(turn) {
    for (let i = this.rows.length - 1; i >= 0; i -= 1) if (this.rows[i].turn === turn) return i;
    return -1;
  }
}

/**
 * A filter out of what the toolbar says: groups and types that are hidden, and the records that a search has
 * found.
 */
export function filter({ hidden = new Set(), found = null } = {}) {
  if (hidden.size === 0 && found === null) return () => true;
  return (record) => !hidden.has(record.type) && (found === null || found.has(record));
}
