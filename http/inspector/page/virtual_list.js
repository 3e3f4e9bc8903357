// SPDX-License-Identifier: Apache-2.0
// A list of any length of which only what can be seen is in the document. Rows may have any height; what
// stands at the top edge stays where it is when rows above it turn out higher or are added, and a list at its
// end stays there as it grows.

import { h } from './dom.js';
import { Heights, visible } from './heights.js';

const MARGIN = 500; // pixels beyond the edges that are kept ready
const AT_END = 40; // pixels from the end that count as the end

/**
 * `render(row, element)` fills the element of a row, `stamp(row)` changes when it has to be filled again,
 * `estimate(row)` is a height to begin with. A row has a `key`. `moved({from, to})` hears of every move.
 */
export class VirtualList {
  rows = [];
  follows = false; // stays at the end
  #heights = new Heights();
  #measured = new Map();
  #nodes = new Map();
  #frame = 0;
  #top = 0;
  #view = 0; // the height of what can be seen
  #range = { from: 0, to: 0 };

  constructor({ label, canFollow = false, render, stamp, estimate, moved = () => {} }) {
    Object.assign(this, { canFollow, render, stamp, estimate, moved });
    this.space = h('div', { class: 'space', role: 'list', 'aria-label': label });
    this.element = h('div', { class: 'scroller', tabindex: '0', onscroll: () => this.#scrolled() }, this.space);
    this.#observe();
  }

  /** Other rows. `this.rows` may grow afterwards; then say `refresh`. */
  setRows(rows) {
    const anchor = this.#anchor();
    this.rows = rows;
    this.#heights = new Heights(rows.map((row) => this.#guess(row)));
    const at = anchor === null ? -1 : rows.findIndex((row) => row.key === anchor.key);
    if (at >= 0) this.#top = this.#heights.offset(at) + anchor.below;
    this.#layout(at >= 0 ? { index: at, below: anchor.below } : null);
  }

  /** Something of the rows has changed, or there are more of them: looks at it with the next frame. */
  refresh() {
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      this.#grow();
      this.#layout(this.#anchor());
    });
  }

  /** Of `rows` only so many are still what they were; there may be others behind them. */
  truncate(length) {
    while (this.#heights.length > length) this.#heights.pop();
  }

  /** The row at the top edge. */
  firstVisible() {
    return this.#heights.length === 0 ? -1 : this.#heights.at(this.#top);
  }

  /** The rows between the edges. */
  visibleRows() {
    if (this.#heights.length === 0) return [];
    return this.rows.slice(this.firstVisible(), this.#heights.at(this.#top + this.#view) + 1);
  }

  get isAtEnd() {
    return this.#heights.total - this.#top - this.#view < AT_END;
  }

  nodeOf(index) {
    return this.#nodes.get(this.rows[index]?.key)?.element;
  }

  /** Brings a row into view: `nearest` moves no more than it must, `center`, `start`. */
  scrollTo(index, where = 'nearest') {
    this.#grow();
    const view = this.element.clientHeight;
    for (let round = 0; round < 3; round += 1) {
      const from = this.#heights.offset(index);
      const height = this.#heights.get(index);
      let top = this.element.scrollTop;
      if (where === 'center') top = from - Math.max(0, (view - height) / 2);
      else if (where === 'start') top = from;
      else if (from < top) top = from;
      else if (from + height > top + view) top = from + height - view;
      this.#top = Math.max(0, top);
      this.#layout({ index, below: this.#top - from });
    }
  }

  toEnd() {
    this.follows = true;
    this.refresh();
  }

  #observe() {
    let width = 0;
    new ResizeObserver(() => {
      if (this.element.clientWidth !== width) {
        width = this.element.clientWidth;
        for (const node of this.#nodes.values()) node.isMeasured = false;
      }
      this.refresh();
    }).observe(this.element);
  }

  #grow() {
    while (this.#heights.length < this.rows.length) this.#heights.push(this.#guess(this.rows[this.#heights.length]));
  }

  #guess(row) {
    return this.#measured.get(row.key) ?? this.estimate(row);
  }

  #anchor() {
    if (this.#heights.length === 0) return null;
    const index = this.#heights.at(this.#top);
    return { index, key: this.rows[index].key, below: this.#top - this.#heights.offset(index) };
  }

  #scrolled() {
    const { scrollTop } = this.element;
    if (Math.abs(scrollTop - this.#top) < 1) return;
    this.#top = scrollTop;
    this.follows = this.canFollow && this.isAtEnd;
    this.#layout(this.#anchor());
  }

  #layout(anchor) {
    const view = this.element.clientHeight;
    this.#view = view;
    if (view === 0) return;
    for (let round = 0; round < 4; round += 1) {
      const total = this.#heights.total;
      if (this.follows) this.#top = Math.max(0, total - view);
      this.#range = visible(this.#heights, this.#top, view, MARGIN);
      if (!this.#show() && round > 0) break;
      if (anchor !== null && !this.follows)
        this.#top = Math.max(0, this.#heights.offset(anchor.index) + anchor.below);
    }
    this.#place(view);
    this.moved(this.#range);
  }

  /**
   * Has the elements of the range in the document, and measures the new ones. Gives whether a height was
   * another.
   */
  #show() {
    const wanted = new Set();
    const fresh = [];
    let before = null;
    for (let i = this.#range.from; i < this.#range.to; i += 1) {
      const row = this.rows[i];
      wanted.add(row.key);
      const node = this.#node(row, i, before);
      node.index = i;
      before = node.element;
      if (!node.isMeasured) fresh.push(node);
    }
    for (const [key, node] of this.#nodes) {
      if (wanted.has(key) || (node.element.contains(document.activeElement) && this.#isThere(node, key))) continue;
      node.element.remove();
      this.#nodes.delete(key);
    }
    let isOther = false;
    const heights = fresh.map((node) => node.element.offsetHeight);
    for (const [i, node] of fresh.entries()) {
      node.isMeasured = true;
      this.#measured.set(this.rows[node.index].key, heights[i]);
      if (heights[i] !== this.#heights.get(node.index)) {
        this.#heights.set(node.index, heights[i]);
        isOther = true;
      }
    }
    return isOther;
  }

  /** The focus is in it: it stays, though it cannot be seen, as long as its row is in the list. */
  #isThere(node, key) {
    if (this.rows[node.index]?.key === key) return true;
    node.index = this.rows.findIndex((row) => row.key === key);
    return node.index >= 0;
  }

  #node(row, index, before) {
    let node = this.#nodes.get(row.key);
    const stamp = this.stamp(row);
    if (node === undefined) {
      node = { element: h('div', { role: 'listitem', class: 'row' }), stamp: undefined, isMeasured: false };
      this.#nodes.set(row.key, node);
      if (before === null) this.space.prepend(node.element);
      else before.after(node.element);
    }
    if (node.stamp !== stamp) {
      node.stamp = stamp;
      node.isMeasured = false;
      this.#fill(row, node.element);
    }
    if (node.index !== index || node.length !== this.rows.length) {
      node.length = this.rows.length;
      node.element.setAttribute('aria-posinset', index + 1);
      node.element.setAttribute('aria-setsize', this.rows.length);
    }
    return node;
  }

  /** The focus stays on the link or button that has it, though that is another element now. */
  #fill(row, element) {
    const controls = () => [...element.querySelectorAll('a, button')];
    const focused = controls().indexOf(document.activeElement);
    this.render(row, element);
    if (focused >= 0) controls()[focused]?.focus({ preventScroll: true });
  }

  #place(view) {
    const total = this.#heights.total;
    this.space.style.height = `${total}px`;
    for (const node of this.#nodes.values()) {
      const y = this.#heights.offset(node.index);
      if (node.y !== y) {
        node.y = y;
        node.element.style.transform = `translateY(${y}px)`;
      }
    }
    this.#top = Math.max(0, Math.min(this.#top, total - view));
    if (Math.abs(this.element.scrollTop - this.#top) >= 1) this.element.scrollTop = this.#top;
    else this.#top = this.element.scrollTop;
  }
}
