// SPDX-License-Identifier: Apache-2.0
// One stream over any number of connections: comes again from the last id, later and later while it fails,
// and says how it is.

import { failure } from './api.js';
import { backoff, retryAfter } from './backoff.js';
import { SseReader } from './sse.js';

const SILENCE = 45_000; // milliseconds without a byte after which a connection is dead: a comment comes every 15 s
const FINAL = { 400: 'failed', 401: 'refused', 403: 'forbidden', 404: 'gone' };
const FINAL_ERRORS = { authentication_error: 'refused', permission_error: 'forbidden', not_found: 'gone' };

/**
 * `open(lastId, signal)` makes the request; `take(frames)` gets the frames of events (with `data`, perhaps
 * `id`) in order and may take its time, which holds the stream back. `state(name, details)` hears:
 * `connecting`, `history` (open, and behind), `live`, `waiting` {until, failures, reason}: comes again by
 * itself; and at the end `ended`, `refused` (the key), `forbidden`, `gone`, `failed`, each with a `message`.
 */
export class Follower {
  lastId = '';
  #options;
  #abort = null;
  #stopped = false;
  #failures = 0;
  #wake = null;
  #retry;

  constructor({ open, take, state, patience = SILENCE }) {
    this.#options = { open, take, state, patience };
  }

  async run() {
    while (!this.#stopped) {
      this.#options.state('connecting', { failures: this.#failures });
      this.#abort = new AbortController();
      const end = await this.#connection(this.#abort.signal).catch((error) => ({
        reason: this.#stopped ? '' : says(error),
      }));
      this.#abort.abort();
      if (this.#stopped) return;
      if (end.final) {
        this.#stopped = true;
        this.#options.state(end.final, { message: end.message ?? '' });
        return;
      }
      this.#failures += 1;
      await this.#wait(backoff(this.#failures, end.retry ?? this.#retry), end.reason);
    }
  }

  stop() {
    this.#stopped = true;
    this.#abort?.abort();
    this.#wake?.();
  }

  /** The next try now, if it waits for one. */
  now() {
    this.#wake?.();
  }

  async #wait(pause, reason) {
    this.#options.state('waiting', { until: Date.now() + pause, failures: this.#failures, reason });
    let timer;
    await new Promise((resolve) => {
      this.#wake = resolve;
      timer = setTimeout(resolve, pause);
    });
    clearTimeout(timer);
    this.#wake = null;
  }

  /** How the connection ended: `{final, message}` or `{reason, retry}`. */
  async #connection(signal) {
    let watchdog;
    const alive = () => {
      clearTimeout(watchdog);
      watchdog = setTimeout(() => this.#abort.abort(), this.#options.patience);
    };
    alive();
    try {
      const answer = await this.#options.open(this.lastId, signal);
      if (answer.status === 204) return { final: 'ended' };
      if (!answer.ok) {
        const error = await failure(answer);
        const final = FINAL[answer.status];
        return final ? { final, message: error.message } : { reason: error.message, retry: retryAfter(answer) };
      }
      this.#options.state('history', {});
      return await this.#read(answer.body.getReader(), alive);
    } finally {
      clearTimeout(watchdog);
    }
  }

  async #read(stream, alive) {
    const reader = new SseReader();
    for (;;) {
      const { done, value } = await stream.read();
      if (done) return { reason: 'the connection was cut' };
      alive();
      let events = [];
      const flush = async () => {
        if (events.length > 0) await this.#options.take(events).catch(fault);
        this.lastId = events.findLast((frame) => frame.id)?.id ?? this.lastId;
        events = [];
      };
      for (const frame of reader.push(value)) {
        if (frame.retry !== undefined) this.#retry = frame.retry;
        if (frame.event === 'message' && frame.data !== '[DONE]') {
          events.push(frame);
          continue;
        }
        await flush();
        if (this.#stopped) return {};
        if (frame.id) this.lastId = frame.id;
        if (frame.data === '[DONE]') return { final: 'ended' };
        const end = this.#control(frame);
        if (end) return end;
      }
      await flush();
      if (this.#stopped) return {};
    }
  }

  /** Pings and errors; gives the end if it is one. */
  #control(frame) {
    if (frame.data === undefined || (frame.event !== 'ping' && frame.event !== 'error')) return undefined;
    const told = parsed(frame.data);
    if (frame.event === 'error') {
      const message = told.error?.message ?? 'the stream failed';
      const final = FINAL_ERRORS[told.error?.type];
      return final ? { final, message } : { reason: message };
    }
    if (told.caught_up) {
      this.#failures = 0;
      this.#retry = undefined;
      this.#options.state('live', {});
    }
    return told.closing ? { reason: CLOSINGS[told.closing] ?? told.closing, retry: this.#retry } : undefined;
  }
}

/** A mistake of the page is not one of the connection: it is told as every uncaught one. */
function fault(error) {
  setTimeout(() => {
    throw error;
  });
}

const CLOSINGS = {
  shutdown: 'the service restarts',
  max_age: 'the stream was long enough',
  moved: 'this node has lost its store',
  token_expired: 'the token expired',
};

function parsed(text) {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return {};
  }
}

const says = (error) => (error.name === 'AbortError' ? 'nothing came for too long' : 'the service cannot be reached');
