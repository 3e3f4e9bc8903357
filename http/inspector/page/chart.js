// SPDX-License-Identifier: Apache-2.0
// Events over time, a bar for each few pixels. A click, or the arrow keys on it, go to the events of that
// time.

import { h, replace, svg } from './dom.js';
import { clock, moment, plural } from './format.js';
import { TimeScale } from './time_scale.js';

const HEIGHT = 44;
const STEP = 4; // pixels of a bar and the space behind it
const FEW = 4; // events that make a bar of full height at least
const LAYERS = ['message', 'tool', 'other', 'error']; // from below
const layerOf = (record) => (record.isError ? 3 : record.group === 'message' ? 0 : record.group === 'tool' ? 1 : 2);

export class Chart {
  #scale = new TimeScale([]);
  #bars = [];
  #at = 0;
  #records = [];
  #view = null;
  #marked = [];

  /** `jump(record)` is called with the first event of the time that was chosen. */
  constructor(jump) {
    this.jump = jump;
    this.plot = svg('svg', { class: 'plot', height: HEIGHT, 'aria-hidden': 'true' });
    this.tip = h('div', { class: 'tip', hidden: true });
    this.area = h('div', { class: 'area' }, this.plot, this.tip);
    this.element = h(
      'div',
      {
        class: 'chart',
        role: 'slider',
        tabindex: '0',
        'aria-label': 'Events over time',
        'aria-valuemin': '0',
        'aria-valuemax': '0',
        'aria-valuenow': '0',
        onclick: (event) => this.#go(this.#barAt(event)),
        onkeydown: (event) => this.#key(event),
        onpointermove: (event) => this.#hover(this.#barAt(event)),
        onpointerleave: () => {
          this.tip.hidden = true;
        },
      },
      this.area,
    );
    new ResizeObserver(() => this.draw(this.#records)).observe(this.area);
  }

  draw(records) {
    this.#records = records;
    const width = this.area.clientWidth;
    if (width === 0) return;
    const timed = records.filter((record) => Number.isFinite(record.time));
    this.#scale = new TimeScale(timed.map((record) => record.time));
    const count = Math.max(1, Math.floor(width / STEP));
    this.#bars = Array.from({ length: count }, () => ({ counts: [0, 0, 0, 0], total: 0, first: null }));
    for (const record of timed) {
      const bar = this.#bars[Math.min(count - 1, Math.floor(this.#scale.x(record.time) * count))];
      bar.counts[layerOf(record)] += 1;
      bar.total += 1;
      bar.first ??= record;
    }
    this.#at = Math.min(this.#at, count - 1);
    this.element.setAttribute('aria-valuemax', count - 1);
    this.#paint(width);
    this.mark(...this.#marked);
    this.#tell();
  }

  /** Which events the timeline shows: those between the two. */
  mark(first, last) {
    this.#marked = [first, last];
    if (!first || !last || this.#view === null) return;
    const width = this.area.clientWidth;
    const from = this.#scale.x(first.time) * width;
    const to = this.#scale.x(last.time) * width;
    this.#view.setAttribute('x', from);
    this.#view.setAttribute('width', Math.max(STEP, to - from + STEP));
  }

  #paint(width) {
    const most = Math.max(FEW, ...this.#bars.map((bar) => bar.total));
    const height = (n) => (n === 0 ? 0 : Math.max(2, (n / most) ** 0.6 * (HEIGHT - 4)));
    const paths = LAYERS.map(() => '');
    for (const [i, bar] of this.#bars.entries()) {
      let y = HEIGHT;
      const unit = bar.total === 0 ? 0 : height(bar.total) / bar.total;
      for (let layer = 0; layer < LAYERS.length; layer += 1) {
        const part = bar.counts[layer] === 0 ? 0 : Math.max(1.5, bar.counts[layer] * unit);
        if (part > 0) paths[layer] += `M${i * STEP} ${y.toFixed(1)}h${STEP - 1}v${-part.toFixed(1)}h${1 - STEP}z`;
        y -= part;
      }
    }
    const view = this.#view ?? svg('rect', { class: 'view', y: 0, height: HEIGHT });
    this.#view = view;
    this.plot.setAttribute('width', width);
    replace(
      this.plot,
      view,
      ...LAYERS.map((layer, i) => svg('path', { class: `bar-${layer}`, d: paths[i] })),
      ...this.#scale.cuts.map(([from, to]) =>
        svg('path', { class: 'cut', d: `M${((from + to) / 2) * width} 0v${HEIGHT}` }),
      ),
    );
  }

  #barAt(event) {
    return Math.max(
      0,
      Math.min(this.#bars.length - 1, Math.floor((event.clientX - this.plot.getBoundingClientRect().left) / STEP)),
    );
  }

  #go(index) {
    this.#at = index;
    this.#tell();
    for (let distance = 0; distance < this.#bars.length; distance += 1) {
      const bar = [this.#bars[index - distance], this.#bars[index + distance]].find((b) => b?.first);
      if (bar) {
        this.jump(bar.first);
        return;
      }
    }
  }

  #key(event) {
    const steps = {
      ArrowLeft: -1,
      ArrowRight: 1,
      ArrowDown: -1,
      ArrowUp: 1,
      PageDown: -10,
      PageUp: 10,
      Home: -Infinity,
      End: Infinity,
    };
    const step = steps[event.key];
    if (step === undefined) return;
    event.preventDefault();
    let at = Math.max(0, Math.min(this.#bars.length - 1, this.#at + step));
    while (Math.abs(step) === 1 && !this.#bars[at]?.first && this.#bars[at + step]) at += step;
    this.#go(at);
  }

  #tell() {
    const bar = this.#bars[this.#at];
    this.element.setAttribute('aria-valuenow', this.#at);
    this.element.setAttribute(
      'aria-valuetext',
      bar?.first ? `${clock(bar.first.time)}, ${plural(bar.total, 'event')}` : 'no events',
    );
  }

  #hover(index) {
    const bar = this.#bars[index];
    if (!bar?.first) {
      this.tip.hidden = true;
      return;
    }
    const errors = bar.counts[3] > 0 ? `, ${plural(bar.counts[3], 'error')}` : '';
    replace(this.tip, `${moment(bar.first.time)} · ${plural(bar.total, 'event')}${errors}`);
    this.tip.hidden = false;
    const width = this.area.clientWidth;
    const x = Math.min(index * STEP, width - this.tip.offsetWidth - 4);
    this.tip.style.transform = `translateX(${Math.max(0, x)}px)`;
  }
}
