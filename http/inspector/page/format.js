// SPDX-License-Identifier: Apache-2.0
// How numbers, times and identifiers are written. Times are milliseconds since 1970 unless said otherwise.

const two = (n) => String(n).padStart(2, '0');

/** Milliseconds of an RFC 3339 time, fractions included; NaN if it is none. */
export function instant(text) {
  return typeof text === 'string' ? Date.parse(text) : NaN;
}

/** `10:00:01.079`, in the reader's time zone. */
export function clock(time) {
  if (!Number.isFinite(time)) return '–';
  const date = new Date(time);
  return (
    `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.` +
    String(date.getMilliseconds()).padStart(3, '0')
  );
}

/** `2026-05-29`, in the reader's time zone. */
export function day(time) {
  if (!Number.isFinite(time)) return '–';
  const date = new Date(time);
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

export function moment(time) {
  return Number.isFinite(time) ? `${day(time)} ${clock(time)}` : '–';
}

/** `480 ms`, `2.31 s`, `3 m 07 s`, `4 h 12 m`, `3 d 4 h`. */
export function duration(ms) {
  if (!Number.isFinite(ms)) return '–';
  if (ms < 1000) return `${Math.max(0, Math.round(ms))} ms`;
  if (ms < 9_995) return `${(ms / 1000).toFixed(2)} s`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} m ${two(seconds % 60)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 1440) return `${Math.floor(minutes / 60)} h ${two(minutes % 60)} m`;
  return `${Math.floor(minutes / 1440)} d ${Math.floor((minutes % 1440) / 60)} h`;
}

/** `now`, `12 s`, `5 min`, `3 h`, `6 d`: how long ago, in one unit. */
export function age(time, now) {
  if (!Number.isFinite(time)) return '–';
  const seconds = Math.max(0, Math.floor((now - time) / 1000));
  if (seconds < 2) return 'now';
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}

const grouping = new Intl.NumberFormat('en-US');

/** `12,345`; `–` for what is no number. */
export function count(n) {
  return Number.isFinite(n) ? grouping.format(n) : '–';
}

export function plural(n, one, many = `${one}s`) {
  return `${count(n)} ${n === 1 ? one : many}`;
}

/** `940`, `12.3k`, `4.56M`. */
export function tokens(n) {
  if (!Number.isFinite(n)) return '–';
  if (n < 1000) return String(n);
  if (n < 999_500) return `${(n / 1000).toFixed(n < 99_950 ? 1 : 0)}k`;
  return `${(n / 1e6).toFixed(2)}M`;
}

/** `812 B`, `14.2 KB`, `3.1 MB`. */
export function bytes(n) {
  if (n < 1000) return `${n} B`;
  if (n < 999_500) return `${(n / 1000).toFixed(n < 99_950 ? 1 : 0)} KB`;
  return `${(n / 1e6).toFixed(1)} MB`;
}

/**
 * An amount in minor units of its currency, as `{amount: "1234", currency: "usd"}` tells it. NaN if there is
 * none.
 */
export function minorUnits(value) {
  return typeof value === 'object' && value !== null && /^-?\d+(\.\d+)?$/.test(value.amount)
    ? Number(value.amount)
    : NaN;
}

/** `$12.34`, `0.05 EUR`. Empty for no number. */
export function cost(minor, currency = 'USD') {
  if (!Number.isFinite(minor)) return '';
  const amount = (minor / 100).toFixed(Number.isInteger(minor) ? 2 : 4);
  return currency.toUpperCase() === 'USD' ? `$${amount}` : `${amount} ${currency.toUpperCase()}`;
}

/** The first `length` characters, on their own: they do not keep the long text alive. */
export function excerpt(text, length) {
  if (text.length <= length) return text;
  let end = length;
  if (/[\ud800-\udbff]/.test(text[end - 1])) end -= 1;
  return ` ${text.slice(0, end)}`.slice(1).concat('…');
}

/** Everything on one line. */
export function oneLine(text) {
  return text.replace(/\s+/g, ' ').trim();
}
