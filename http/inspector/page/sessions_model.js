// SPDX-License-Identifier: Apache-2.0
// The sessions of a workspace, the newest first: pages of List Sessions, kept up to date by the stream of all
// sessions, or by asking again where the service has none.

import { address } from './api.js';
import { Follower } from './follower.js';
import { instant } from './format.js';
import { matches, query } from './session_filters.js';

const PAGE = 100;
const POLL = 4_000;

/** `changed()` is called after whatever changes. `refused(message)` when the key is no good any more. */
export class SessionsModel {
  sessions = []; // in the order of the list
  state = { name: 'connecting' };
  isLoading = false;
  error = '';
  #byId = new Map();
  #next = null;
  #hasAll = false;
  #abort = new AbortController();
  #follower;
  #timer;
  #look = () => {
    if (!document.hidden) this.#poll();
  };

  constructor(api, filters, changed, refused) {
    Object.assign(this, { api, filters, changed, refused });
  }

  get hasAll() {
    return this.#hasAll;
  }

  async start() {
    await this.loadMore();
    if (this.#abort.signal.aborted) return;
    this.#follower = new Follower({
      open: (_, signal) => this.api.open(this.#stream(), {}, signal),
      take: (frames) => this.#take(frames),
      state: (name, more) => this.#state(name, more),
    });
    this.#follower.run();
  }

  stop() {
    this.#abort.abort();
    this.#follower?.stop();
    clearTimeout(this.#timer);
    document.removeEventListener('visibilitychange', this.#look);
  }

  retryNow() {
    this.#follower?.now();
  }

  /** The next page of older sessions. */
  async loadMore() {
    if (this.isLoading || this.#hasAll) return;
    this.isLoading = true;
    this.changed();
    try {
      await this.#ask(this.#next, (answer) => {
        this.#next = answer.next_page;
        this.#hasAll = answer.next_page === null;
      });
    } finally {
      this.isLoading = false;
      this.changed();
    }
  }

  async #ask(page, then) {
    const paged = page === null ? [] : [['page', page]];
    try {
      const data = [];
      const answer = await this.api.list(
        'sessions',
        [['limit', String(PAGE)], ...query(this.filters), ...paged],
        (text) => data.push(JSON.parse(text)),
        this.#abort.signal,
      );
      this.error = '';
      for (const session of data) this.#put(session);
      this.#sort();
      then({ ...answer, data });
    } catch (error) {
      if (error.name === 'AbortError') return;
      if (error.status === 401) this.refused(error.message);
      this.error = error.message;
    }
  }

  #stream() {
    return address('sessions/stream', [['limit', String(PAGE)], ...query(this.filters)]);
  }

  async #take(frames) {
    for (const frame of frames) {
      const told = JSON.parse(frame.data);
      if (told.type === 'session.deleted') this.#byId.delete(told.id);
      else if (told.type === 'session.summary') this.#put(told.session);
    }
    this.#sort();
    this.changed();
  }

  #put(session) {
    if (matches(this.filters, session)) this.#byId.set(session.id, { ...this.#byId.get(session.id), ...session });
    else this.#byId.delete(session.id);
  }

  #sort() {
    this.sessions = [...this.#byId.values()].sort(
      (a, b) => instant(b.created_at) - instant(a.created_at) || (a.id < b.id ? 1 : -1),
    );
  }

  #state(name, details) {
    if (name === 'refused') this.refused(details.message);
    if (name === 'gone') {
      this.state = { name: 'polling' };
      document.addEventListener('visibilitychange', this.#look);
      this.#again();
    } else {
      this.state = { name, ...details };
    }
    this.changed();
  }

  /** The first page again: what is new, and what has gone from among the sessions that it spans. */
  async #poll() {
    clearTimeout(this.#timer);
    await this.#ask(null, ({ data, next_page: next }) => {
      const present = new Set(data.map((session) => session.id));
      const oldest = next === null ? -Infinity : instant(data.at(-1)?.created_at);
      for (const session of this.sessions) {
        if (instant(session.created_at) > oldest && !present.has(session.id)) this.#byId.delete(session.id);
      }
      this.#sort();
    });
    this.changed();
    this.#again();
  }

  #again() {
    if (this.#abort.signal.aborted) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#look, POLL);
  }
}
