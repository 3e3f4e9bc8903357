// SPDX-License-Identifier: Apache-2.0
// Server-Sent Events out of bytes: frames as they become whole, whatever the pieces that the bytes come in.

/**
 * Reads one stream. `push(bytes)` gives the frames that are complete by then: `{event, id, data, retry}`, and
 * `{comment}` for a comment line. What has no empty line behind it when the stream ends is dropped: never ask
 * for it.
 */
export class SseReader {
  #decoder = new TextDecoder('utf-8');
  #rest = '';
  #frame = {};

  push(bytes) {
    const text = this.#rest + this.#decoder.decode(bytes, { stream: true });
    const frames = [];
    let start = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
      this.#line(text.slice(start, text[end - 1] === '\r' && end > start ? end - 1 : end), frames);
      start = end + 1;
    }
    this.#rest = text.slice(start);
    return frames;
  }

  #line(line, frames) {
    if (line === '') {
      if (Object.keys(this.#frame).length > 0) frames.push(this.#frame);
      this.#frame = {};
      return;
    }
    const colon = line.indexOf(':');
    if (colon === 0) {
      frames.push({ comment: line.slice(1).trim() });
      return;
    }
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1);
    if (name === 'data') this.#frame.data = this.#frame.data === undefined ? value : `${this.#frame.data}\n${value}`;
    else if (name === 'event' || name === 'id') this.#frame[name] = value;
    else if (name === 'retry' && /^\d+$/.test(value)) this.#frame.retry = Number(value);
  }
}
