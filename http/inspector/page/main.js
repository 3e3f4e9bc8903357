// SPDX-License-Identifier: Apache-2.0
// The page: the bar at the top, and below it what the address names.

import { Api } from './api.js';
import * as credentials from './credentials.js';
import { h, replace } from './dom.js';
import { helpDialog } from './help.js';
import { addKeys, closeMenus, listen } from './keyboard.js';
import { ListView } from './list_view.js';
import { parse, toList } from './route.js';
import { SessionView } from './session_view.js';
import { signIn } from './sign_in.js';
import { pill } from './status.js';
import { applyTheme, switchTheme, theme } from './theme.js';
import { toast, toastArea } from './toast.js';

let view = null;
let lastList = toList();

const help = helpDialog();
const connectionWord = h('span', { role: 'status' });
const connectionWhy = h('span', { class: 'why' });
const connection = h('span', { class: 'connection' }, connectionWord, connectionWhy);
const themeButton = h('button', { class: 'icon', type: 'button', onclick: () => turnTheme() });
const signOutButton = h('button', { type: 'button', onclick: () => signOut('') }, 'Sign out');
const crumbs = h('nav', { class: 'crumbs', 'aria-label': 'Place' });
const bar = h(
  'header',
  { class: 'bar' },
  h(
    'a',
    { class: 'brand', href: toList(), 'aria-label': 'Inspector, all sessions' },
    h('img', { src: 'inspector/icon.svg', alt: '', width: 20, height: 20 }),
    h('span', {}, 'Inspector'),
  ),
  crumbs,
  h('span', { class: 'grow' }),
  connection,
  themeButton,
  h(
    'button',
    { class: 'icon', type: 'button', 'aria-label': 'Keys (?)', title: 'Keys (?)', onclick: () => help.showModal() },
    '?',
  ),
  signOutButton,
);

const THEME_SIGNS = { system: '◐', light: '☀', dark: '☾' };

function showTheme(choice) {
  replace(themeButton, THEME_SIGNS[choice]);
  themeButton.setAttribute('aria-label', `Theme: ${choice}`);
  themeButton.title = `Theme: ${choice} (t)`;
}

function turnTheme() {
  const choice = switchTheme();
  showTheme(choice);
  toast(`Theme: ${choice}`);
}

let shownConnection = '';

function showConnection([word, tone, explanation]) {
  const shown = `${word} ${tone} ${explanation}`;
  if (shown === shownConnection) return;
  shownConnection = shown;
  if (connectionWord.textContent !== word) replace(connectionWord, word !== '' && pill(word, tone));
  replace(connectionWhy, tone === 'run' ? '' : explanation);
  connection.title = explanation;
}

function signOut(message) {
  credentials.forget();
  show(
    signIn(message, (key) => {
      credentials.keep(key);
      view = null;
      route();
    }),
  );
}

/**
 * The key has been refused in the middle of things. The address stays, so that another key leads back to it.
 */
function refused() {
  signOut('The key was refused: it was revoked, or its workspace is gone. Sign in with another one.');
}

function show(next) {
  view?.stop();
  view = next;
  showConnection(['', '', '']);
  const isIn = credentials.key() !== '';
  bar.hidden = !isIn;
  replace(document.body, bar, next.element, toastArea(), help);
  next.start();
}

function route() {
  const key = credentials.key();
  if (key === '') {
    if (view === null) signOut('');
    return;
  }
  const place = parse(location.hash);
  if (place.view === 'session') {
    if (!(view instanceof SessionView) || view.id !== place.id) {
      show(
        new SessionView(new Api(key), place.id, {
          refused,
          connection: showConnection,
          back: () => {
            location.hash = lastList;
          },
        }),
      );
      replace(crumbs, h('a', { href: lastList }, 'Sessions'));
    }
    view.go(place.event);
    return;
  }
  lastList = toList(place.filters);
  document.title = 'Sessions · Inspector';
  replace(crumbs);
  if (view instanceof ListView) view.apply(place.filters);
  else show(new ListView(new Api(key), place.filters, { refused, connection: showConnection }));
}

applyTheme();
showTheme(theme());
listen();
closeMenus();
addKeys({ '?': () => (help.open ? help.close() : help.showModal()), t: turnTheme });
window.addEventListener('hashchange', route);
route();
