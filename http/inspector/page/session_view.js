// SPDX-License-Identifier: Apache-2.0
// One session: its head, the chart, the toolbar, the timeline with the details beside it, and the actions.

import { Actions } from './actions.js';
import { Chart } from './chart.js';
import { Details } from './details.js';
import { h, replace } from './dom.js';
import { age, count, instant, plural } from './format.js';
import { addKeys } from './keyboard.js';
import { shared, toSession } from './route.js';
import { missingHead, sessionHead } from './session_head.js';
import { SessionStore } from './session_store.js';
import { connectionStatus } from './status.js';
import { Timeline } from './timeline.js';
import { copy, toast } from './toast.js';
import { TypeFilter } from './type_filter.js';
import { whenBack } from './wake.js';

const CHART_PAUSE = 400; // milliseconds between two drawings

export class SessionView {
  #frame = 0;
  #chartTimer = 0;
  #drawn = '';
  #timer;
  #wanted = '';
  #isGoing = false;

  /** `refused(message)` when the key is no good; `connection(status)` hears how the stream is. */
  constructor(api, id, { refused, connection, back }) {
    Object.assign(this, { id, refused, connection, back });
    this.store = new SessionStore(api, id, () => this.#soon());
    this.timeline = new Timeline(this.store, {
      moved: (first, last) => this.chart.mark(first, last),
      older: () => this.#older(),
      chosen: (record, opens) => this.#chosen(record, opens),
      noted: (record) => this.#note(record),
    });
    this.details = new Details(id, () => this.closeDetails());
    this.chart = new Chart((record) => this.timeline.select(record, { where: 'center', focus: false }));
    this.actions = new Actions(api, this.store, refused);
    this.types = new TypeFilter(() => {
      this.timeline.hidden = this.types.hidden;
      this.timeline.rebuild().then(() => this.#soon());
    });
    this.#build();
    this.stops = [addKeys(this.#keys()), () => clearInterval(this.#timer), () => this.store.stop()];
    this.stops.push(whenBack(() => this.store.retryNow()));
  }

  start() {
    this.store.start();
    this.#timer = setInterval(() => this.#soon(), 1000);
  }

  stop() {
    for (const stop of this.stops) stop();
    cancelAnimationFrame(this.#frame);
    clearTimeout(this.#chartTimer);
  }

  /** Shows an event, which may still have to be loaded. '' is none. */
  async go(event) {
    this.#wanted = event;
    if (event === '') {
      this.closeDetails(false);
      return;
    }
    if (this.timeline.selected?.id === event && !this.details.element.hidden) return;
    await this.#find(event);
  }

  async #find(id) {
    if (this.#isGoing) return;
    this.#isGoing = true;
    try {
      const { log } = this.store;
      await this.#loaded();
      if (!(await this.store.knows(id))) {
        toast(`This session has no event ${id}.`, true);
        return;
      }
      this.timeline.list.follows = false;
      if (!(await this.store.loadUntil(() => log.has(id) || this.#wanted !== id))) return;
      if (this.#wanted !== id) return;
      this.timeline.update();
      await this.timeline.settled();
      if (!this.timeline.select(log.get(id), { opens: true, where: 'center' })) this.#openHidden(log.get(id));
    } catch (error) {
      if (error.name !== 'AbortError') toast(error.message, true);
    } finally {
      this.#isGoing = false;
      if (this.#wanted !== id && this.#wanted !== '') this.#find(this.#wanted);
    }
  }

  /** A filter keeps it out of the timeline: the details show it all the same. */
  #openHidden(record) {
    this.timeline.deselect();
    this.#chosen(record, true);
  }

  #loaded() {
    return new Promise((resolve) => {
      const look = () => {
        const { name } = this.store.connection;
        if (this.store.log.records.length > 0 || !['connecting', 'history', 'waiting'].includes(name)) resolve();
        else setTimeout(look, 20);
      };
      look();
    });
  }

  closeDetails(movesAddress = true) {
    if (this.details.element.hidden) return false;
    this.details.hide();
    this.element.classList.remove('has-details');
    if (movesAddress) history.replaceState(null, '', toSession(this.id));
    this.#wanted = '';
    this.timeline.list.refresh();
    return true;
  }

  #chosen(record, opens) {
    if (!opens && this.details.element.hidden) return;
    this.details.show(record);
    this.element.classList.add('has-details');
    this.#wanted = record.id;
    history.replaceState(null, '', toSession(this.id, record.id));
  }

  #build() {
    this.head = h('header', { class: 'session-head' });
    this.loaded = h('span', { class: 'loaded' });
    this.loadAll = h('button', { type: 'button', onclick: () => this.#loadAll() }, 'Load all');
    this.search = h('input', {
      type: 'search',
      placeholder: 'Search events, or an event id',
      'aria-label': 'Search events',
      onkeydown: (event) => this.#searchKey(event),
    });
    let pending;
    this.search.addEventListener('input', () => {
      clearTimeout(pending);
      pending = setTimeout(() => this.#search(), 150);
    });
    this.toolbar = h(
      'div',
      { class: 'toolbar', role: 'toolbar', 'aria-label': 'Timeline' },
      this.search,
      this.types.element,
      h(
        'button',
        { type: 'button', title: 'Fold or unfold all turns (z)', onclick: () => this.timeline.foldAll() },
        'Turns',
      ),
      h('span', { class: 'grow' }),
      this.loaded,
      this.loadAll,
    );
    this.element = h(
      'main',
      { class: 'session', 'aria-label': 'Session' },
      this.head,
      this.chart.element,
      this.toolbar,
      h('div', { class: 'panes' }, this.timeline.element, this.details.element),
      this.actions.element,
    );
  }

  #soon() {
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      this.#draw();
    });
  }

  #draw() {
    const { store } = this;
    if (store.connection.name === 'refused') {
      this.refused(store.connection.message);
      return;
    }
    this.timeline.update();
    this.actions.update();
    this.connection(connectionStatus(store.connection, Date.now(), store.backlog));
    this.#drawHead();
    this.#drawLoaded();
    if (!this.details.element.hidden && this.timeline.selected) this.details.show(this.timeline.selected);
    this.#drawChart();
  }

  #drawChart() {
    const { records, structure } = this.store.log;
    const shape = `${structure} ${records.length}`;
    if (shape === this.#drawn || this.#chartTimer) return;
    const wait = this.#drawn === '' ? 0 : CHART_PAUSE;
    this.#chartTimer = setTimeout(() => {
      this.#chartTimer = 0;
      this.#drawn = `${this.store.log.structure} ${this.store.log.records.length}`;
      this.chart.draw(this.store.log.records);
    }, wait);
  }

  #drawHead() {
    const { session, connection } = this.store;
    const isGone = connection.name === 'gone';
    const stamp = JSON.stringify([session, isGone, age(instant(session?.updated_at), Date.now())]);
    if (stamp === this.headStamp) return;
    this.headStamp = stamp;
    document.title = session ? `${session.title || 'Untitled session'} · Inspector` : 'Inspector';
    replace(this.head, session ? sessionHead(session) : missingHead(this.id, isGone));
  }

  #drawLoaded() {
    const { store, timeline } = this;
    const loaded = store.log.records.length;
    const total = store.base + loaded;
    const parts = [];
    if (timeline.query !== '' || timeline.hidden.size > 0) parts.push(`${count(timeline.shown)} shown`);
    if (store.isLoading) parts.push('loading older…');
    if (store.isWhole || !Number.isFinite(total)) parts.push(plural(loaded, 'event'));
    else parts.push(`${count(loaded)} of ${count(total)} events loaded`);
    const text = parts.join(' · ');
    if (this.loaded.textContent !== text) replace(this.loaded, text);
    this.loadAll.hidden = store.isWhole || loaded === 0;
    replace(this.loadAll, this.isLoadingAll ? 'Stop' : 'Load all');
  }

  async #loadAll() {
    if (this.isLoadingAll) {
      this.isLoadingAll = false;
      return;
    }
    this.isLoadingAll = true;
    await this.store.loadUntil(() => !this.isLoadingAll).catch((error) => toast(error.message, true));
    this.isLoadingAll = false;
    this.#soon();
  }

  #older() {
    if (this.store.isLoading || this.isFailing) return;
    this.store.loadOlder().catch((error) => {
      if (error.name === 'AbortError') return;
      this.isFailing = true; // not once a frame
      setTimeout(() => {
        this.isFailing = false;
      }, 5000);
      toast(error.message, true);
    });
  }

  #note(record) {
    if (record === null) this.types.reset();
    else this.types.note(record);
  }

  async #search() {
    await this.timeline.search(this.search.value.trim());
    this.#soon();
  }

  #searchKey(event) {
    if (event.key === 'Escape') {
      if (this.search.value !== '') {
        this.search.value = '';
        this.#search();
      } else {
        this.timeline.list.element.focus();
      }
      event.stopPropagation();
    } else if (event.key === 'Enter') {
      const text = this.search.value.trim();
      if (/^[A-Za-z]+_[A-Za-z0-9]{1,64}$/.test(text)) {
        this.search.value = '';
        this.#search().then(() => this.go(text));
      } else {
        this.timeline.list.element.focus();
        this.timeline.edge(false);
      }
    }
  }

  #keys() {
    const { timeline } = this;
    const isBad = (record) => Boolean(record.isError || record.answer?.isError);
    return {
      j: () => timeline.move(1),
      k: () => timeline.move(-1),
      ArrowDown: () => timeline.selected !== null && timeline.move(1),
      ArrowUp: () => timeline.selected !== null && timeline.move(-1),
      ']': () => timeline.moveTurn(1),
      '[': () => timeline.moveTurn(-1),
      e: () => timeline.move(1, isBad),
      E: () => timeline.move(-1, isBad),
      g: () => timeline.edge(false),
      G: () => timeline.edge(true),
      z: () => timeline.foldAll(),
      m: () => this.actions.focus(),
      u: () => this.back(),
      Enter: () => timeline.selected !== null && this.#chosen(timeline.selected, true),
      c: () => timeline.selected !== null && copy(shared(location, toSession(this.id, timeline.selected.id)), 'Link'),
      '/': () => this.search.focus(),
      Escape: () => {
        if (this.types.close() || this.closeDetails()) return;
        if (timeline.selected) timeline.deselect();
        else this.back();
      },
    };
  }
}
