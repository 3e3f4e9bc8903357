// SPDX-License-Identifier: Apache-2.0
// The sessions of the workspace.

import { h, replace } from './dom.js';
import { FilterBar } from './filter_bar.js';
import { count } from './format.js';
import { addKeys } from './keyboard.js';
import { toList, toSession } from './route.js';
import { read, write } from './session_filters.js';
import { fillSessionRow, sessionStamp } from './session_row.js';
import { SessionsModel } from './sessions_model.js';
import { connectionStatus } from './status.js';
import { VirtualList } from './virtual_list.js';
import { whenBack } from './wake.js';

const AHEAD = 40; // rows before the end at which more are asked for

export class ListView {
  #frame = 0;
  #timer;
  #rows = [];
  #at = -1;
  #query = '';

  constructor(api, filters, { refused, connection }) {
    Object.assign(this, { api, refused, connection });
    this.#watch(filters);
    this.list = new VirtualList({
      label: 'Sessions',
      estimate: () => 52,
      stamp: (row) => sessionStamp(row.session, this.#isHere(row)),
      render: (row, element) => fillSessionRow(row.session, element, this.#isHere(row)),
      moved: ({ to }) => {
        if (to > this.#rows.length - AHEAD && this.#query === '') this.model.loadMore();
      },
    });
    this.#build();
    this.stops = [
      addKeys(this.#keys()),
      () => clearInterval(this.#timer),
      () => this.model.stop(),
      whenBack(() => this.model.retryNow()),
    ];
  }

  start() {
    this.model.start();
    this.#timer = setInterval(() => this.#soon(), 1000);
  }

  /** Other filters, as they stand in the address. */
  apply(filters) {
    this.model.stop();
    this.#watch(filters);
    this.bar.show(this.filters);
    this.model.start();
  }

  stop() {
    for (const stop of this.stops) stop();
    cancelAnimationFrame(this.#frame);
  }

  #watch(filters) {
    this.filters = read(filters);
    this.model = new SessionsModel(this.api, this.filters, () => this.#soon(), this.refused);
  }

  #build() {
    this.search = h('input', {
      type: 'search',
      placeholder: 'Search sessions, or a session id',
      'aria-label': 'Search sessions',
      oninput: () => {
        this.#query = this.search.value.trim().toLowerCase();
        this.#soon();
      },
      onkeydown: (event) => this.#searchKey(event),
    });
    this.bar = new FilterBar((told) => {
      location.hash = toList(write(told));
    });
    this.bar.show(this.filters);
    this.summary = h('span', { class: 'loaded' });
    this.note = h('div', { class: 'empty', hidden: true });
    this.element = h(
      'main',
      { class: 'sessions', 'aria-label': 'Sessions' },
      h('h1', { class: 'offscreen' }, 'Sessions'),
      h(
        'div',
        { class: 'toolbar', role: 'toolbar', 'aria-label': 'Filters' },
        this.search,
        this.bar.parts,
        h('span', { class: 'grow' }),
        this.summary,
      ),
      h(
        'div',
        { class: 'columns', 'aria-hidden': 'true' },
        ['Status', 'Session', 'Agent', 'Events', 'Created', 'Active'].map((name) => h('span', {}, name)),
      ),
      h('div', { class: 'list-pane' }, this.list.element, this.note),
    );
  }

  #soon() {
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      this.#draw();
    });
  }

  #draw() {
    const { model } = this;
    const query = this.#query;
    const sessions =
      query === ''
        ? model.sessions
        : model.sessions.filter((s) => `${s.title ?? ''} ${s.id} ${s.agent_id}`.toLowerCase().includes(query));
    const isSame =
      sessions.length === this.#rows.length && sessions.every((session, i) => this.#rows[i].key === session.id);
    if (isSame) {
      for (const [i, session] of sessions.entries()) this.#rows[i].session = session;
      this.list.refresh();
    } else {
      const chosen = this.#rows[this.#at]?.key;
      this.#rows = sessions.map((session) => ({ key: session.id, session }));
      this.#at = chosen === undefined ? -1 : this.#rows.findIndex((row) => row.key === chosen);
      this.list.setRows(this.#rows);
    }
    this.connection(connectionStatus(model.state));
    replace(
      this.summary,
      model.isLoading
        ? 'loading…'
        : `${count(sessions.length)}${model.hasAll ? '' : '+'} ${sessions.length === 1 ? 'session' : 'sessions'}`,
    );
    this.#drawNote(sessions.length);
  }

  #again() {
    this.model.loadMore();
    this.model.retryNow();
  }

  #drawNote(length) {
    const { model } = this;
    this.note.hidden = length > 0 || model.isLoading;
    if (this.note.hidden) return;
    if (model.error)
      replace(
        this.note,
        h('p', {}, model.error),
        h('button', { type: 'button', onclick: () => this.#again() }, 'Try again'),
      );
    else if (this.#query !== '')
      replace(
        this.note,
        h('p', {}, 'No loaded session has this.'),
        !model.hasAll && h('button', { type: 'button', onclick: () => model.loadMore() }, 'Load more sessions'),
      );
    else if (toList(write(this.filters)) !== toList())
      replace(
        this.note,
        h('p', {}, 'No session matches the filters.'),
        h(
          'button',
          {
            type: 'button',
            onclick: () => {
              location.hash = toList();
            },
          },
          'Clear filters',
        ),
      );
    else replace(this.note, h('p', {}, 'No sessions yet. They appear here as they are created.'));
  }

  #isHere(row) {
    return this.#rows[this.#at] === row;
  }

  #move(step) {
    if (this.#rows.length === 0) return;
    this.#at = Math.max(0, Math.min(this.#rows.length - 1, this.#at + step));
    this.list.scrollTo(this.#at);
    this.list.nodeOf(this.#at)?.querySelector('a')?.focus({ preventScroll: true });
    this.list.refresh();
  }

  #searchKey(event) {
    const text = this.search.value.trim();
    if (event.key === 'Escape') {
      this.search.value = this.#query = '';
      this.list.element.focus();
      this.#soon();
      event.stopPropagation();
    } else if (event.key === 'Enter') {
      if (/^[A-Za-z]+_[A-Za-z0-9]{1,64}$/.test(text)) location.hash = toSession(text);
      else this.#move(1);
    }
  }

  #keys() {
    return {
      j: () => this.#move(1),
      k: () => this.#move(-1),
      ArrowDown: () => this.#move(1),
      ArrowUp: () => this.#move(-1),
      Enter: () => {
        if (this.#at >= 0) location.hash = toSession(this.#rows[this.#at].key);
      },
      '/': () => this.search.focus(),
      Escape: () => {
        this.bar.close();
      },
    };
  }
}
