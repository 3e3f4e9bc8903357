// SPDX-License-Identifier: Apache-2.0
// The controls for the filters of the list. What they say is in the page's address; they show what is there.

import { h } from './dom.js';
import { STATUSES } from './session_filters.js';

export class FilterBar {
  /** `changed(filters)` when somebody has set them. */
  constructor(changed) {
    const tell = () => changed(this.#filters());
    const field = (type, label, more) => h('input', { type, 'aria-label': label, onchange: tell, ...more });
    this.agent = field('text', 'Agent id', { placeholder: 'Agent id' });
    this.archived = h('input', { type: 'checkbox', onchange: tell });
    this.from = field('datetime-local', 'Created from');
    this.to = field('datetime-local', 'Created until');
    this.chips = STATUSES.map((status) => {
      const turn = () => {
        press(chip, !isPressed(chip));
        tell();
      };
      const chip = h('button', { class: 'chip', type: 'button', onclick: turn }, status);
      return chip;
    });
    const clear = () => {
      this.from.value = this.to.value = '';
      tell();
    };
    this.range = h(
      'details',
      { class: 'dropdown' },
      h('summary', { class: 'button' }, 'Created'),
      h(
        'div',
        { class: 'menu' },
        h('label', {}, 'from', this.from),
        h('label', {}, 'until', this.to),
        h('button', { type: 'button', onclick: clear }, 'Any time'),
      ),
    );
    this.parts = [
      h('span', { class: 'chips', role: 'group', 'aria-label': 'Status' }, this.chips),
      this.agent,
      this.range,
      h('label', { class: 'check' }, this.archived, 'archived'),
    ];
  }

  show({ statuses, agent, archived, from, to }) {
    for (const [i, status] of STATUSES.entries()) press(this.chips[i], statuses.includes(status));
    this.agent.value = agent;
    this.archived.checked = archived;
    this.from.value = from;
    this.to.value = to;
    this.range.classList.toggle('is-on', from !== '' || to !== '');
  }

  close() {
    this.range.open = false;
  }

  #filters() {
    const statuses = STATUSES.filter((_, i) => isPressed(this.chips[i]));
    const agent = this.agent.value.trim();
    return { statuses, agent, archived: this.archived.checked, from: this.from.value, to: this.to.value };
  }
}

const isPressed = (chip) => chip.getAttribute('aria-pressed') === 'true';
const press = (chip, isOn) => chip.setAttribute('aria-pressed', String(isOn));
