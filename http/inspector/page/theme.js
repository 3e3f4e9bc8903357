// SPDX-License-Identifier: Apache-2.0
// Dark or light: as the system has it, or as the switch says. The choice is kept in the browser; nothing else
// is.

const KEY = 'sandbase.theme';
const CHOICES = ['system', 'light', 'dark'];

export function theme() {
  try {
    const kept = localStorage.getItem(KEY);
    return CHOICES.includes(kept) ? kept : 'system';
  } catch {
    return 'system';
  }
}

export function applyTheme(choice = theme()) {
  if (choice === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = choice;
}

/** The next of the three; gives it. */
export function switchTheme() {
  const next = CHOICES[(CHOICES.indexOf(theme()) + 1) % CHOICES.length];
  try {
    localStorage.setItem(KEY, next);
  } catch {
    // A browser that keeps nothing: the choice holds for this page.
  }
  applyTheme(next);
  return next;
}
