// SPDX-License-Identifier: Apache-2.0
// A scale of time on which hours without events take no more room than a short pause: gaps of a minute and
// more are cut to a width at which one still sees them.

const SHORT = 60_000;

/**
 * `times` in order, in milliseconds. `x` of a time and `time` of an x are between 0 and 1; `cuts` are the
 * gaps, as x.
 */
export class TimeScale {
  #points = []; // [time, position] where the slope changes
  #length = 0;
  cuts = [];

  constructor(times) {
    let active = 0;
    for (let i = 1; i < times.length; i += 1) {
      const gap = times[i] - times[i - 1];
      if (gap < SHORT) active += gap;
    }
    const longest = Math.max(1_000, active / 20);
    const cuts = [];
    if (times.length > 0) this.#points.push([times[0], 0]);
    for (let i = 1; i < times.length; i += 1) {
      const gap = times[i] - times[i - 1];
      const width = gap < SHORT ? gap : Math.min(gap, longest);
      if (width < gap) {
        this.#points.push([times[i - 1], this.#length], [times[i], this.#length + width]);
        cuts.push([this.#length, this.#length + width]);
      }
      this.#length += width;
    }
    if (times.length > 1) this.#points.push([times.at(-1), this.#length]);
    if (this.#length > 0) this.cuts = cuts.map(([from, to]) => [from / this.#length, to / this.#length]);
  }

  x(time) {
    if (this.#length === 0) return 0;
    return this.#between(time, 0, 1) / this.#length;
  }

  time(x) {
    return this.#between(x * this.#length, 1, 0);
  }

  #between(value, from, to) {
    const points = this.#points;
    let low = 0;
    let high = points.length - 1;
    if (high < 0) return NaN;
    if (value <= points[0][from]) return points[0][to];
    if (value >= points[high][from]) return points[high][to];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (points[middle][from] <= value) low = middle;
      else high = middle;
    }
    const span = points[high][from] - points[low][from];
    return (
      points[low][to] + (span === 0 ? 0 : ((value - points[low][from]) / span) * (points[high][to] - points[low][to]))
    );
  }
}
