// SPDX-License-Identifier: Apache-2.0
// One session as the page knows it: the object, the loaded part of its log, the stream that makes it grow.

import { address } from './api.js';
import { digest } from './digest.js';
import { EventLog } from './event_log.js';
import { Follower } from './follower.js';
import { inSlices } from './slices.js';

const TAIL = 300; // events to begin with
const PAGE = 500; // older events a request
const LARGE_PAGE = 1000; // the same where many are wanted
const REFRESH = 1_500; // milliseconds between two looks at the session object

/** `changed()` is called after whatever changes; it should do no work but note that there is some. */
export class SessionStore {
  log = new EventLog();
  session = null;
  connection = { name: 'connecting' };
  isLoading = false; // older events
  isLoadingMany = false; // and more behind them
  backlog = 0; // events that have arrived and wait to be taken in
  #base = NaN; // events before the first one that is loaded
  #page = null; // where the older ones go on; null: by the first event's time
  #abort = new AbortController();
  #follower;
  #refresh;

  constructor(api, id, changed) {
    this.api = api;
    this.id = id;
    this.changed = changed;
    this.path = `sessions/${encodeURIComponent(id)}`;
    this.#follower = new Follower({
      open: (last, signal) => this.#open(last, signal),
      take: (frames) => this.#take(frames),
      state: (name, details) => this.#state(name, details),
    });
  }

  start() {
    this.look();
    this.#follower.run();
  }

  stop() {
    this.#abort.abort();
    this.#follower.stop();
    clearTimeout(this.#refresh);
  }

  retryNow() {
    this.#follower.now();
  }

  /** How many events the log has before the first one that is loaded; NaN while that is not known. */
  get base() {
    return this.#base;
  }

  get isWhole() {
    return this.#base === 0;
  }

  /** Asks for the session object. */
  async look() {
    try {
      this.session = await this.api.get(this.path, [], this.#abort.signal);
      this.#place();
    } catch (error) {
      if (error.status === 404 && this.session) this.session = { ...this.session, isDeleted: true };
    }
    this.changed();
  }

  /** One page of older events. Gives whether there was one. */
  async loadOlder() {
    if (this.isLoading || this.isWhole || this.log.records.length === 0) return false;
    this.isLoading = true;
    this.changed();
    try {
      return await this.#older();
    } finally {
      this.isLoading = false;
      this.changed();
    }
  }

  /** Older events, page by page, until the condition holds or there are no more. */
  async loadUntil(condition) {
    this.isLoadingMany = true;
    try {
      while (!condition() && !this.isWhole && !this.#abort.signal.aborted) {
        if (this.isLoading) await new Promise((resolve) => setTimeout(resolve, 20));
        else if (!(await this.loadOlder())) break;
      }
      return condition();
    } finally {
      this.isLoadingMany = false;
      this.changed();
    }
  }

  /** Whether the session's log has an event of this id. */
  async knows(id) {
    if (this.log.has(id)) return true;
    try {
      await this.api.get(
        `${this.path}/events`,
        [
          ['after', id],
          ['limit', '1'],
        ],
        this.#abort.signal,
      );
      return true;
    } catch (error) {
      if (error.status === 400) return false;
      throw error;
    }
  }

  async #older() {
    const query = [
      ['order', 'desc'],
      ['limit', String(this.isLoadingMany ? LARGE_PAGE : PAGE)],
    ];
    if (this.#page !== null) query.push(['page', this.#page]);
    else query.push(['created_at[lte]', JSON.parse(this.log.records[0].raw).processed_at]);
    const found = [];
    const { next_page: next } = await this.api.list(
      `${this.path}/events`,
      query,
      (raw) => found.push(digest(raw)),
      this.#abort.signal,
    );
    this.#page = next;
    const added = this.log.prepend(found.reverse());
    if (next === null) this.#base = 0;
    else this.#base -= added;
    this.#place();
    if (added === 0 && next !== null) return this.#older(); // all of this instant was there already
    return added > 0;
  }

  #open(last, signal) {
    const query = [
      ['follow', 'true'],
      ['event_deltas[]', 'agent.message'],
      ['event_deltas[]', 'agent.thinking'],
    ];
    if (last === '') query.push(['tail', String(TAIL)]);
    return this.api.open(
      address(`${this.path}/events/stream`, query),
      last === '' ? {} : { 'last-event-id': last },
      signal,
    );
  }

  async #take(frames) {
    this.backlog = frames.length;
    await inSlices(frames, (frame) => {
      this.backlog -= 1;
      if (frame.id === undefined) this.log.show(JSON.parse(frame.data));
      else this.#append(digest(frame.data));
    });
    this.changed();
  }

  #append(event) {
    if (!this.log.append(event)) return;
    if (this.session && event.type.startsWith('session.status_')) this.#note(event);
    this.#later();
  }

  /** The status at once; the rest of the object comes a little later. */
  #note(event) {
    const status = event.type.slice('session.status_'.length);
    this.session = { ...this.session, status: status === 'rescheduled' ? 'rescheduling' : status };
  }

  #later() {
    if (this.connection.name !== 'live') return;
    this.#refresh ??= setTimeout(() => {
      this.#refresh = undefined;
      this.look();
    }, REFRESH);
  }

  #state(name, details) {
    if (name === 'connecting') this.log.dropPreviews();
    this.connection = { name, ...details };
    if (name === 'live') this.#place();
    if (name === 'live' || name === 'ended') this.look();
    this.changed();
  }

  /**
   * Counts what is not loaded: the object tells the number of the event that was the last one when it was
   * asked for.
   */
  #place() {
    const { log } = this.session ?? {};
    if (!log || !Number.isNaN(this.#base)) return;
    if (log.events === 0) this.#base = this.log.records.length === 0 ? 0 : NaN;
    const { records } = this.log;
    for (let i = records.length - 1; i >= 0 && Number.isNaN(this.#base); i -= 1) {
      if (records[i].id === log.last_event_id) this.#base = log.events - i - 1;
    }
  }
}
