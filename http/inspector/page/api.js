// SPDX-License-Identifier: Apache-2.0
// The service's API. Addresses are relative to this file, so that the page works behind a proxy's path
// prefix.

import { JsonItems } from './json_items.js';
import { inSlices } from './slices.js';

const BASE = new URL('../v1/', import.meta.url);

/** An answer that is not 200. `status` is 0 if there was no answer. */
export class ApiError extends Error {
  constructor(status, type, message, requestId = '') {
    super(message);
    Object.assign(this, { status, type, requestId });
  }
}

export function address(path, query = []) {
  const url = new URL(path, BASE);
  for (const [name, value] of query) url.searchParams.append(name, value);
  return url.href;
}

/** Calls with one key. Every call gives what the answer holds, or throws an ApiError. */
export class Api {
  #fetch;

  constructor(key, fetcher = (...args) => fetch(...args)) {
    this.key = key;
    this.#fetch = fetcher;
  }

  get headers() {
    return { 'x-api-key': this.key };
  }

  async get(path, query, signal) {
    return (await this.#ask('GET', path, query, undefined, signal)).json();
  }

  /** `again` names the attempt: the same one is carried out once, however often it is made. */
  async post(path, body, again) {
    return (await this.#ask('POST', path, [], body, undefined, again)).json();
  }

  /** A list whose elements go to `each(text)` one by one as they come; gives the rest of the answer. */
  async list(path, query, each, signal) {
    const answer = await this.#ask('GET', path, query, undefined, signal);
    const reader = answer.body.getReader();
    const decoder = new TextDecoder();
    const items = new JsonItems();
    for (;;) {
      const { done, value } = await reader.read();
      await inSlices(items.push(done ? decoder.decode() : decoder.decode(value, { stream: true })), each);
      if (done) return items.envelope();
    }
  }

  /** The answer as it begins to come, whatever its status. */
  open(url, headers, signal) {
    return this.#fetch(url, { headers: { ...this.headers, ...headers }, signal, cache: 'no-store' });
  }

  async #ask(method, path, query, body, signal, again) {
    const options = { method, headers: this.headers, signal, cache: 'no-store' };
    if (again !== undefined) options.headers['idempotency-key'] = again;
    if (body !== undefined) {
      options.body = JSON.stringify(body);
      options.headers['content-type'] = 'application/json';
    }
    let answer;
    try {
      answer = await this.#fetch(address(path, query), options);
    } catch (error) {
      if (error.name === 'AbortError') throw error;
      throw new ApiError(0, 'unreachable', 'The service cannot be reached.');
    }
    if (!answer.ok) throw await failure(answer);
    return answer;
  }
}

/** What a bad answer says. */
export async function failure(answer) {
  try {
    const { error, request_id: id } = await answer.json();
    return new ApiError(answer.status, error.type, error.message, id);
  } catch {
    return new ApiError(
      answer.status,
      'unknown',
      `The answer was ${answer.status}, from something in front of the service.`,
    );
  }
}
