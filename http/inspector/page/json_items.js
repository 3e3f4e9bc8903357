// SPDX-License-Identifier: Apache-2.0
// The elements of `{"data":[…],…}` as the texts that stand there, while the answer is still coming. So a page
// of large events is never parsed in one go, and each event keeps its bytes: `1.10` stays `1.10`.

const OPEN = /^\s*\{\s*"data"\s*:\s*\[/;

/**
 * `push(text)` gives the elements that are complete by then. After the last one `envelope()` is the rest of
 * the object.
 */
export class JsonItems {
  #text = '';
  #at = 0; // everything before has been looked at
  #start = -1; // of the element that is being read
  #depth = 0;
  #inString = false;
  #state = 'head';

  push(more) {
    this.#text = this.#text.slice(this.#keepFrom()) + more;
    const items = [];
    if (this.#state === 'head') this.#head();
    if (this.#state === 'items') this.#items(items);
    return items;
  }

  /** The object without its elements; throws if the answer has not come to its end. */
  envelope() {
    if (this.#state === 'head') return JSON.parse(this.#text);
    if (this.#state !== 'tail') throw new SyntaxError('the list ends in the middle of an element');
    return JSON.parse(`{"data":[${this.#text}`);
  }

  #keepFrom() {
    if (this.#state !== 'items') return 0;
    const from = this.#start < 0 ? this.#at : this.#start;
    this.#at -= from;
    if (this.#start >= 0) this.#start = 0;
    return from;
  }

  #head() {
    const opening = OPEN.exec(this.#text);
    if (opening === null) return;
    this.#at = opening[0].length;
    this.#state = 'items';
  }

  #items(items) {
    const text = this.#text;
    let at = this.#at;
    for (; at < text.length; at += 1) {
      if (this.#inString) {
        const quote = text.indexOf('"', at);
        if (quote < 0) {
          at = text.length;
          break;
        }
        at = quote;
        if (!isEscaped(text, quote)) this.#inString = false;
        continue;
      }
      const c = text.charCodeAt(at);
      if (c === 0x22) {
        this.#inString = true;
      } else if (c === 0x7b || c === 0x5b) {
        if (this.#start < 0) this.#start = at;
        this.#depth += 1;
      } else if (c === 0x5d && this.#depth === 0) {
        this.#state = 'tail';
        this.#text = text.slice(at);
        return;
      } else if (c === 0x7d || c === 0x5d) {
        this.#depth -= 1;
        if (this.#depth > 0) continue;
        items.push(text.slice(this.#start, at + 1));
        this.#start = -1;
      }
    }
    this.#at = at;
  }
}

function isEscaped(text, quote) {
  let slashes = 0;
  while (text.charCodeAt(quote - 1 - slashes) === 0x5c) slashes += 1;
  return slashes % 2 === 1;
}
