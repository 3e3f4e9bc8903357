// SPDX-License-Identifier: Apache-2.0
// Keys. Each view brings a table of its own; one for the whole page is asked last. Nothing happens while
// somebody types, but for Escape.

const tables = [];

/**
 * Adds a table of `{key: function}`; gives the function that takes it away. A function that gives false has
 * not acted.
 */
export function addKeys(table) {
  tables.unshift(table);
  return () => {
    const at = tables.indexOf(table);
    if (at >= 0) tables.splice(at, 1);
  };
}

const isTyping = (element) => element.matches?.('input, textarea, select, [contenteditable]') ?? false;

export function listen(target = document) {
  target.addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (document.querySelector('dialog[open]') && event.key !== '?') return;
    if (isTyping(event.target) && event.key !== 'Escape') return;
    if (event.key === 'Enter' && event.target.matches?.('a, button, summary')) return;
    for (const table of tables) {
      if (Object.hasOwn(table, event.key) && table[event.key](event) !== false) {
        event.preventDefault();
        return;
      }
    }
  });
}

/** A click beside an open menu closes it. */
export function closeMenus(target = document) {
  target.addEventListener('pointerdown', (event) => {
    for (const menu of document.querySelectorAll('details.dropdown[open]')) {
      if (!menu.contains(event.target)) menu.open = false;
    }
  });
}

export const KEYS = [
  [
    'Everywhere',
    [
      ['?', 'this sheet'],
      ['/', 'search'],
      ['Esc', 'close, clear or go back'],
      ['t', 'theme: system, light, dark'],
    ],
  ],
  [
    'Sessions',
    [
      ['j k', 'next, previous'],
      ['Enter', 'open'],
    ],
  ],
  [
    'A session',
    [
      ['j k', 'next, previous event'],
      ['Enter', 'details of the event'],
      ['[ ]', 'previous, next turn'],
      ['e E', 'next, previous error'],
      ['g G', 'first, last event'],
      ['z', 'fold or unfold all turns'],
      ['c', 'copy a link to the event'],
      ['m', 'write a message'],
      ['u', 'back to the sessions'],
    ],
  ],
];
