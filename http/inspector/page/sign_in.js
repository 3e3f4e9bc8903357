// SPDX-License-Identifier: Apache-2.0
// Asks for a key, and looks whether it is one.

import { Api } from './api.js';
import { h, replace } from './dom.js';

/** `done(key)` with a key that the service takes; `message` says why one is asked for. */
export function signIn(message, done) {
  const input = h('input', {
    type: 'password',
    id: 'key',
    autocomplete: 'off',
    spellcheck: 'false',
    placeholder: 'sk-sb-…',
    'aria-describedby': 'key-error',
  });
  const error = h('p', { class: 'bad-text', id: 'key-error', role: 'alert' }, message);
  const button = h('button', { class: 'primary', type: 'submit' }, 'Sign in');

  async function submit(event) {
    event.preventDefault();
    const key = input.value.trim();
    if (key === '') {
      replace(error, 'Enter a key.');
      input.focus();
      return;
    }
    if (!/^[\x21-\x7e]+$/.test(key)) {
      replace(error, 'A key has no spaces and no special characters.');
      return;
    }
    button.disabled = true;
    try {
      await new Api(key).get('sessions', [['limit', '1']]);
      done(key);
    } catch (failure) {
      replace(
        error,
        failure.status === 401 ? 'This key was refused: it is unknown or was revoked.' : failure.message,
      );
      input.select();
    } finally {
      button.disabled = false;
    }
  }

  const element = h(
    'main',
    { class: 'sign-in' },
    h(
      'form',
      { onsubmit: submit },
      h('img', { src: 'inspector/icon.svg', alt: '', width: 40, height: 40 }),
      h('h1', {}, 'Inspector'),
      h('p', { class: 'quiet' }, 'Sessions of agents, as they happen.'),
      h('label', { for: 'key' }, 'API key'),
      input,
      error,
      button,
      h(
        'p',
        { class: 'quiet small' },
        'The key stays in this tab and is gone when you close it. A viewer key is enough to look.',
      ),
    ),
  );
  return { element, start: () => input.focus(), stop() {} };
}
