// SPDX-License-Identifier: Apache-2.0
// The key, and what is known about it. Both are of this tab only, and are gone with it.

const KEY = 'sandbase.key';
const READS_ONLY = 'sandbase.reads_only';

export function key() {
  return sessionStorage.getItem(KEY) ?? '';
}

export function keep(value) {
  sessionStorage.setItem(KEY, value);
  sessionStorage.removeItem(READS_ONLY);
}

export function forget() {
  sessionStorage.removeItem(KEY);
  sessionStorage.removeItem(READS_ONLY);
}

/** true, false, or undefined as long as nobody has tried. */
export function readsOnly() {
  const known = sessionStorage.getItem(READS_ONLY);
  return known === null ? undefined : known === 'true';
}

export function noteReadsOnly(value) {
  sessionStorage.setItem(READS_ONLY, String(value));
}

/**
 * Whether the key may only read. No call tells a key's role; but an empty append is refused with 403 to a
 * viewer and with 400 to all others, and stores nothing.
 */
export async function askReadsOnly(api, path) {
  if (readsOnly() !== undefined) return readsOnly();
  try {
    await api.post(`${path}/events`, { events: [] });
  } catch (error) {
    if (error.status === 403) noteReadsOnly(true);
    else if (error.status === 400) noteReadsOnly(false);
  }
  return readsOnly() ?? false;
}
