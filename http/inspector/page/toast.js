// SPDX-License-Identifier: Apache-2.0
// Short notes at the page's edge, which screen readers hear.

import { h, replace } from './dom.js';

const STAYS = 4_000;
const area = h('div', { class: 'toasts', role: 'status', 'aria-live': 'polite' });
let timer;

export function toastArea() {
  return area;
}

export function toast(text, isError = false) {
  clearTimeout(timer);
  replace(area, h('div', { class: isError ? 'toast bad' : 'toast' }, text));
  timer = setTimeout(() => replace(area), isError ? STAYS * 2 : STAYS);
}

/** To the clipboard; says so. Without one (plain HTTP) the text is shown instead, to be copied by hand. */
export async function copy(text, what) {
  try {
    await navigator.clipboard.writeText(text);
    toast(`${what} copied`);
  } catch {
    const field = h('textarea', { class: 'offscreen', 'aria-hidden': 'true' });
    field.value = text;
    document.body.append(field);
    field.select();
    const done = document.execCommand('copy');
    field.remove();
    toast(done ? `${what} copied` : text);
  }
}
