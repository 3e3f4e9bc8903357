// SPDX-License-Identifier: Apache-2.0
// The choice of event types: those that the loaded part has, with their counts, in groups.

import { GROUPS } from './digest.js';
import { h, replace } from './dom.js';
import { count } from './format.js';

/** `changed()` when `hidden`, a set of types, is another. */
export class TypeFilter {
  hidden = new Set();
  #types = new Map(); // type → {group, count}

  constructor(changed) {
    this.changed = changed;
    this.list = h('div', { class: 'menu', role: 'group', 'aria-label': 'Event types' });
    this.summary = h('summary', { class: 'button' }, 'Types');
    this.element = h('details', { class: 'dropdown types' }, this.summary, this.list);
    this.element.addEventListener('toggle', () => {
      if (this.element.open) this.#fill();
    });
  }

  note(record) {
    const known = this.#types.get(record.type);
    if (known) known.count += 1;
    else this.#types.set(record.type, { group: record.group, count: 1 });
  }

  reset() {
    this.#types.clear();
  }

  close() {
    const wasOpen = this.element.open;
    this.element.open = false;
    return wasOpen;
  }

  #fill() {
    const groups = Object.keys(GROUPS)
      .map((group) => [group, [...this.#types].filter(([, t]) => t.group === group).sort()])
      .filter(([, types]) => types.length > 0);
    replace(
      this.list,
      h(
        'div',
        { class: 'menu-head' },
        h('button', { type: 'button', onclick: () => this.#set([...this.#types.keys()], true) }, 'All'),
        h('button', { type: 'button', onclick: () => this.#set([...this.#types.keys()], false) }, 'None'),
      ),
      groups.map(([group, types]) =>
        h(
          'fieldset',
          {},
          h(
            'legend',
            {},
            this.#groupBox(
              GROUPS[group],
              types.map(([type]) => type),
            ),
          ),
          types.map(([type, t]) => this.#box(type, [type], !this.hidden.has(type), count(t.count))),
        ),
      ),
    );
  }

  #groupBox(name, types) {
    return this.#box(
      name,
      types,
      types.every((type) => !this.hidden.has(type)),
      '',
    );
  }

  #box(name, types, isOn, more) {
    const box = h('input', { type: 'checkbox', onchange: () => this.#set(types, box.checked) });
    box.checked = isOn;
    return h(
      'label',
      { class: 'check' },
      box,
      h('span', { class: 'grow' }, name),
      h('span', { class: 'quiet' }, more),
    );
  }

  #set(types, isOn) {
    for (const type of types) {
      if (isOn) this.hidden.delete(type);
      else this.hidden.add(type);
    }
    replace(this.summary, this.hidden.size === 0 ? 'Types' : `Types: ${this.hidden.size} hidden`);
    this.element.classList.toggle('is-on', this.hidden.size > 0);
    this.#fill();
    this.changed();
  }
}
