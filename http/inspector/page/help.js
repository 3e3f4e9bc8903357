// SPDX-License-Identifier: Apache-2.0
// The sheet of keys.

import { h } from './dom.js';
import { KEYS } from './keyboard.js';

export function helpDialog() {
  const dialog = h(
    'dialog',
    {
      class: 'sheet',
      'aria-labelledby': 'help-title',
      onclick: (event) => {
        if (event.target === dialog) dialog.close();
      },
    },
    h(
      'div',
      { class: 'sheet-body' },
      h(
        'header',
        {},
        h('h2', { id: 'help-title' }, 'Keys'),
        h('button', { class: 'icon', type: 'button', 'aria-label': 'Close', onclick: () => dialog.close() }, '✕'),
      ),
      h(
        'div',
        { class: 'keys' },
        KEYS.map(([title, rows]) =>
          h(
            'section',
            {},
            h('h3', {}, title),
            h(
              'dl',
              {},
              rows.map(([keys, what]) =>
                h(
                  'div',
                  {},
                  h(
                    'dt',
                    {},
                    keys.split(' ').map((key) => h('kbd', {}, key)),
                  ),
                  h('dd', {}, what),
                ),
              ),
            ),
          ),
        ),
      ),
    ),
  );
  return dialog;
}
