// SPDX-License-Identifier: Apache-2.0
// The content of an event as a list of blocks, whatever form it came in: a string, a list, an object,
// nothing.

import { bytes } from './format.js';

const SHOWN_IMAGES = /^image\/(png|jpeg|gif|webp|avif|bmp)$/;
const BASE64 = /^[A-Za-z0-9+/=\s]+$/;

const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
export const text = (value) => (typeof value === 'string' ? value : '');

/**
 * `{kind: 'text', text, title}`, `{kind: 'image', url, title}`, `{kind: 'note', text}` for what cannot be
 * shown, and `{kind: 'json', value}` for what is not known.
 */
export function blocks(content) {
  if (content === undefined || content === null || content === '') return [];
  if (typeof content === 'string') return [{ kind: 'text', text: content }];
  if (Array.isArray(content)) return content.flatMap(block);
  return isObject(content) && typeof content.type === 'string' ? block(content) : [{ kind: 'json', value: content }];
}

/** The text of the blocks, as far as they have any. */
export function plainText(content) {
  return blocks(content)
    .map((b) => b.text ?? (b.kind === 'json' ? JSON.stringify(b.value) : ''))
    .filter(Boolean)
    .join('\n');
}

function block(item) {
  if (typeof item === 'string') return [{ kind: 'text', text: item }];
  if (!isObject(item)) return item === null ? [] : [{ kind: 'json', value: item }];
  switch (item.type) {
    case 'text':
      return typeof item.text === 'string' ? [{ kind: 'text', text: item.text }] : [{ kind: 'json', value: item }];
    case 'image':
      return source(item, 'image');
    case 'document':
      return source(item, 'document');
    case 'search_result':
      return [
        {
          kind: 'text',
          title: [text(item.title), text(item.source)].filter(Boolean).join(' · '),
          text: plainText(item.content),
        },
      ];
    case 'redacted':
      return [{ kind: 'note', text: 'redacted block' }];
    default:
      return [{ kind: 'json', value: item }];
  }
}

function source(item, what) {
  const from = item.source;
  const title = text(item.title);
  if (!isObject(from)) return [{ kind: 'json', value: item }];
  const type = text(from.media_type);
  if (from.type === 'base64' && typeof from.data === 'string') {
    if (what === 'image' && SHOWN_IMAGES.test(type) && BASE64.test(from.data)) {
      return [{ kind: 'image', url: `data:${type};base64,${from.data}`, title: `${type}, ${size(from.data)}` }];
    }
    return [{ kind: 'note', text: [what, title, type, size(from.data)].filter(Boolean).join(', ') }];
  }
  if (from.type === 'text' && typeof from.data === 'string') return [{ kind: 'text', title, text: from.data }];
  if (from.type === 'url') return [{ kind: 'note', text: `${what} at ${text(from.url)}` }];
  if (from.type === 'file') return [{ kind: 'note', text: `${what} in file ${text(from.file_id)}` }];
  return [{ kind: 'json', value: item }];
}

const size = (base64) => bytes(Math.floor((base64.length * 3) / 4));
