// SPDX-License-Identifier: Apache-2.0
// What the page shows, as the part of its address behind `#`. Nothing of it reaches the service or a proxy's
// log.

/** `{view: 'list', filters}` or `{view: 'session', id, event}`; `event` is '' if none is named. */
export function parse(hash) {
  const [path, query = ''] = hash.replace(/^#/, '').split('?');
  const parts = path.split('/').filter(Boolean).map(decoded);
  if (parts[0] === 'sessions' && parts.length > 1) {
    return { view: 'session', id: parts[1], event: parts[2] === 'events' ? (parts[3] ?? '') : '' };
  }
  return { view: 'list', filters: new URLSearchParams(query) };
}

export function toList(filters = new URLSearchParams()) {
  const query = filters.toString();
  return `#/sessions${query === '' ? '' : `?${query}`}`;
}

export function toSession(id, event = '') {
  const base = `#/sessions/${encodeURIComponent(id)}`;
  return event === '' ? base : `${base}/events/${encodeURIComponent(event)}`;
}

/** A link that somebody else can open. */
export function shared(location, hash) {
  return location.href.split('#')[0] + hash;
}

function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
