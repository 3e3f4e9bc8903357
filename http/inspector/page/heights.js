// SPDX-License-Identifier: Apache-2.0
// The heights of the rows of a long list, most of them guessed: where a row begins and which row is where,
// each in logarithmic time (a Fenwick tree).

export class Heights {
  #tree = new Float64Array(1024); // sums; 1-based
  #heights = new Float64Array(1024);
  #length = 0;

  constructor(heights = []) {
    this.#reserve(heights.length);
    this.#length = heights.length;
    for (let i = 0; i < heights.length; i += 1) {
      this.#heights[i] = heights[i];
      this.#tree[i + 1] += heights[i];
      const parent = i + 1 + ((i + 1) & -(i + 1));
      if (parent <= heights.length) this.#tree[parent] += this.#tree[i + 1];
    }
  }

  get length() {
    return this.#length;
  }

  get total() {
    return this.offset(this.#length);
  }

  get(index) {
    return this.#heights[index];
  }

  /** Where row `index` begins: the sum of the heights before it. */
  offset(index) {
    let sum = 0;
    for (let i = index; i > 0; i -= i & -i) sum += this.#tree[i];
    return sum;
  }

  /** The row at `y`; the first or last one beyond the ends, -1 if there is none. */
  at(y) {
    let index = 0;
    let left = y;
    for (let step = 2 ** Math.floor(Math.log2(Math.max(1, this.#length))); step >= 1; step /= 2) {
      if (index + step <= this.#length && this.#tree[index + step] <= left) {
        index += step;
        left -= this.#tree[index];
      }
    }
    return Math.min(index, this.#length - 1);
  }

  set(index, height) {
    const change = height - this.#heights[index];
    this.#heights[index] = height;
    if (change !== 0) for (let i = index + 1; i <= this.#length; i += i & -i) this.#tree[i] += change;
  }

  push(height) {
    this.#reserve(this.#length + 1);
    this.#length += 1;
    const i = this.#length;
    this.#heights[i - 1] = height;
    this.#tree[i] = this.offset(i - 1) - this.offset(i - (i & -i)) + height;
  }

  /** Takes the last row away. */
  pop() {
    this.#length -= 1;
  }

  #reserve(length) {
    if (length < this.#heights.length) return;
    const size = Math.max(length + 1, this.#heights.length * 2);
    const tree = new Float64Array(size + 1);
    const heights = new Float64Array(size);
    tree.set(this.#tree.subarray(0, this.#length + 1));
    heights.set(this.#heights.subarray(0, this.#length));
    this.#tree = tree;
    this.#heights = heights;
  }
}

/**
 * The rows to have in the document: those between `top` and `top + height`, and `margin` pixels more on both
 * sides. `{from, to}`, `to` not included.
 */
export function visible(heights, top, height, margin) {
  if (heights.length === 0) return { from: 0, to: 0 };
  return { from: Math.max(0, heights.at(Math.max(0, top - margin))), to: heights.at(top + height + margin) + 1 };
}
