// SPDX-License-Identifier: Apache-2.0
// JSON laid out for people without being parsed: numbers keep their digits and members their order.

const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g;

/** The text with one member or element a line, indented by two spaces; as it is if it is no JSON. */
export function pretty(text) {
  try {
    JSON.parse(text);
  } catch {
    return text;
  }
  const parts = [];
  let depth = 0;
  let before = '';
  const line = () => parts.push('\n', '  '.repeat(depth));
  for (const [token] of text.matchAll(TOKEN)) {
    const closes = token === '}' || token === ']';
    if (closes) {
      depth -= 1;
      if (before !== '{' && before !== '[') line();
    } else if (before === '{' || before === '[' || before === ',') {
      line();
    }
    parts.push(token);
    if (token === ':') parts.push(' ');
    if (token === '{' || token === '[') depth += 1;
    before = token;
  }
  return parts.join('');
}
