// SPDX-License-Identifier: Apache-2.0
// The timeline: which rows there are, which one is selected, and the way between them.

import { h, replace } from './dom.js';
import { count } from './format.js';
import { matcher } from './highlight.js';
import { filter, Rows } from './rows.js';
import { pause } from './slices.js';
import { estimate, fillRow, stamp } from './timeline_row.js';
import { VirtualList } from './virtual_list.js';

const NEAR_TOP = 40; // rows from the beginning at which older events are asked for
const BUDGET = 8; // milliseconds of work between two pauses
const REBUILD_PAUSE = 1000; // milliseconds between two rebuilds while page after page of older events comes

export class Timeline {
  selected = null;
  query = '';
  hidden = new Set();
  closed = new Set();
  #rows = new Rows();
  #source = null; // the array of records that the rows are made of
  #taken = 0;
  #structure = 0;
  #building = 0;
  #found = null;
  #unseen = 0;
  #builtAt = 0;
  #pendingJump = null;

  /**
   * `moved(first, last)` hears which records can be seen, `chosen(record, event)` of a choice, `older()` near
   * the beginning.
   */
  constructor(store, { moved, chosen, older, noted }) {
    Object.assign(this, { store, moved, chosen, older, noted });
    this.list = new VirtualList({
      label: 'Events',
      canFollow: true,
      estimate,
      stamp: (row) => stamp(row, this.context),
      render: (row, element) => fillRow(row, element, this.context),
      moved: (range) => this.#moved(range),
    });
    this.list.follows = true;
    this.jump = h('button', { class: 'to-end', type: 'button', hidden: true, onclick: () => this.toEnd() });
    this.empty = h('p', { class: 'empty', hidden: true });
    this.element = h('div', { class: 'timeline' }, this.list.element, this.empty, this.jump);
    this.context = {
      selected: null,
      sessionId: store.id,
      query: '',
      now: Date.now(),
      closed: this.closed,
      select: (record, event) => {
        event?.preventDefault();
        this.select(record, { opens: true });
      },
      fold: (turn) => this.fold(turn),
    };
  }

  get shown() {
    return this.#rows.shown;
  }

  get rows() {
    return this.#rows.rows;
  }

  /** Takes in what the store has by now. */
  update() {
    const { log } = this.store;
    this.context.now = Math.floor(Date.now() / 1000) * 1000;
    const isOther = log.records !== this.#source || log.structure !== this.#structure;
    if (isOther && !(this.store.isLoadingMany && performance.now() - this.#builtAt < REBUILD_PAUSE)) this.rebuild();
    else if (!isOther && this.#building === 0) this.#append();
    this.list.refresh();
    this.#tell();
  }

  /** Makes the rows anew, in slices; the ones that are there stay until then. */
  async rebuild() {
    this.#building += 1;
    const own = this.#building;
    const { log } = this.store;
    this.#source = log.records;
    this.#builtAt = performance.now();
    this.#structure = log.structure;
    const found = (this.#found = this.query === '' ? null : new Set());
    const matches = matcher(this.query);
    const rows = new Rows(filter({ hidden: this.hidden, found }), this.closed);
    let taken = 0;
    let since = performance.now();
    this.noted(null);
    while (taken < this.#source.length) {
      this.#take(this.#source[taken], rows, found, matches);
      taken += 1;
      if (taken % 64 === 0 && performance.now() - since > BUDGET) {
        await pause();
        if (this.#building !== own) return;
        since = performance.now();
      }
    }
    this.#rows = rows;
    this.#taken = taken;
    this.#building = 0;
    this.list.setRows(rows.rows);
    this.#append();
    this.list.refresh();
    this.#pendingJump?.();
    this.#tell();
  }

  #take(record, rows, found, matches) {
    this.noted(record);
    if (matches !== null && matches(record.raw)) found.add(record);
    rows.add(record);
  }

  #append() {
    const { records, previews } = this.store.log;
    const { rows } = this.#rows;
    const matches = matcher(this.query);
    while (rows.at(-1)?.isPreview) rows.pop();
    this.list.truncate(rows.length);
    const before = this.#rows.shown;
    for (; this.#taken < records.length; this.#taken += 1)
      this.#take(records[this.#taken], this.#rows, this.#found, matches);
    if (!this.list.follows) this.#unseen += this.#rows.shown - before;
    if (this.query === '') {
      for (const record of previews.values())
        if (!this.hidden.has(record.type)) rows.push({ key: record.id, kind: 'event', record, isPreview: true });
    }
  }

  /** Resolves when the rows are those of the store. */
  async settled() {
    while (this.#building !== 0)
      await new Promise((resolve) => {
        setTimeout(resolve, 5);
      });
  }

  search(query) {
    this.query = this.context.query = query;
    return this.rebuild();
  }

  fold(turn) {
    const id = turn.first.id;
    if (!this.closed.delete(id)) this.closed.add(id);
    this.list.follows = false;
    this.rebuild();
  }

  foldAll() {
    const { all } = this.store.log.turns;
    if (this.closed.size > 0) this.closed.clear();
    else for (const turn of all) this.closed.add(turn.first.id);
    this.list.follows = false;
    this.rebuild();
  }

  toEnd() {
    this.#unseen = 0;
    this.list.toEnd();
    this.#tell();
  }

  /** Selects an event, if a row shows it; `opens` its details too. */
  select(record, { opens = false, where = 'nearest', focus = true } = {}) {
    if (this.closed.delete(record.turn?.first.id)) {
      this.#pendingJump = () => {
        this.#pendingJump = null;
        this.select(record, { opens, where, focus });
      };
      this.rebuild();
      return true;
    }
    const index = this.#rows.indexOf(record);
    if (index < 0) return false;
    this.selected = this.context.selected = this.rows[index].record;
    this.list.follows = false;
    if (where === 'nearest' && this.rows[index - 1]?.kind === 'turn') this.list.scrollTo(index - 1);
    this.list.scrollTo(where === 'head' ? Math.max(0, index - 1) : index, where === 'head' ? 'start' : where);
    if (focus) this.list.nodeOf(index)?.querySelector('a.at')?.focus({ preventScroll: true });
    this.chosen(this.selected, opens);
    return true;
  }

  deselect() {
    const index = this.selected ? this.#rows.indexOf(this.selected) : -1;
    this.selected = this.context.selected = null;
    this.list.refresh();
    if (index >= 0 && this.list.nodeOf(index)?.contains(document.activeElement))
      this.list.element.focus({ preventScroll: true });
  }

  /**
   * The next row that fulfils the condition, `step` being 1 or -1; the row at the top edge is where it
   * begins.
   */
  move(step, condition = () => true) {
    let index = this.selected ? this.#rows.indexOf(this.selected) : this.list.firstVisible() - step;
    for (index += step; index >= 0 && index < this.rows.length; index += step) {
      const row = this.rows[index];
      if (row.kind === 'event' && !row.isPreview && condition(row.record)) return this.select(row.record);
    }
    return false;
  }

  moveTurn(step) {
    const now = this.selected?.turn;
    const { all } = this.store.log.turns;
    const from = now ? all.indexOf(now) : step > 0 ? -1 : all.length;
    for (let i = from + step; all[i]; i += step) if (this.select(all[i].first, { where: 'head' })) return;
  }

  edge(isEnd) {
    const rows = isEnd ? this.rows.slice(-50).reverse() : this.rows;
    const row = rows.find((r) => r.kind === 'event' && !r.isPreview);
    if (row) this.select(row.record);
    if (isEnd) this.toEnd();
    else this.list.scrollTo(0, 'start');
  }

  #moved({ from, to }) {
    const isPlain = this.query === '' && this.hidden.size === 0 && this.closed.size === 0;
    if (from < NEAR_TOP && isPlain && this.#building === 0) this.older();
    if (this.list.follows) this.#unseen = 0;
    const seen = this.list
      .visibleRows()
      .map((row) => row.record ?? row.turn?.first)
      .filter((r) => r && !r.isPreview);
    const last = seen.at(-1);
    this.moved(seen[0], this.list.isAtEnd ? this.store.log.records.at(-1) : (last?.answer ?? last));
    this.#tell();
  }

  #tell() {
    this.jump.hidden = this.list.follows || this.list.isAtEnd;
    replace(this.jump, this.#unseen > 0 ? `↓ ${count(this.#unseen)} new` : '↓ Latest');
    const isEmpty = this.rows.length === 0 && this.#building === 0;
    this.empty.hidden = !isEmpty;
    if (isEmpty) replace(this.empty, this.#emptiness());
  }

  #emptiness() {
    const { name, message } = this.store.connection;
    if (this.query !== '') return `Nothing in the loaded events has “${this.query}”.`;
    if (this.store.log.records.length > 0) return 'All events are of hidden types.';
    if (name === 'gone') return 'This workspace has no such session, or it was deleted.';
    if (name === 'failed' || name === 'forbidden') return message;
    return name === 'live' || name === 'ended' ? 'No events yet.' : 'Loading…';
  }
}
