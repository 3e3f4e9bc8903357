// SPDX-License-Identifier: Apache-2.0
// How long to wait before the next try of a connection that failed.

const FIRST = 1_000;
const MOST = 30_000;

/**
 * Milliseconds to wait behind so many failures in a row. What the service asked for (`retry:`, Retry-After;
 * milliseconds, or undefined) is the least. `random` is between 0 and 1: it keeps the pages of a service that
 * restarts apart.
 */
export function backoff(failures, asked, random = Math.random()) {
  const grown = Math.min(MOST, FIRST * 2 ** Math.min(failures - 1, 10));
  const own = grown * (0.75 + random / 4);
  return Math.round(asked === undefined ? own : Math.max(asked, failures > 1 ? own : 0));
}

/** The header Retry-After in milliseconds, if it has a number. */
export function retryAfter(response) {
  const seconds = Number(response.headers.get('retry-after') ?? NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : undefined;
}
