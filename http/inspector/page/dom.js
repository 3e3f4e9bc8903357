// SPDX-License-Identifier: Apache-2.0
// Elements out of names, attributes and text. Whatever comes out of an event gets into the document as a text
// node or an attribute that cannot run anything: there is no HTML here.

const SVG = 'http://www.w3.org/2000/svg';
const SAFE_LINK = /^#/;
const SAFE_IMAGE = /^(data:image\/(png|jpeg|gif|webp|avif|bmp);base64,|inspector\/)/;

/**
 * `h('a', {class: 'x', href: '#/…', onclick: f}, 'text', child, …)`. Functions become listeners, `true` an
 * empty attribute; `false`, null and undefined are left out, among the children too.
 */
export function h(name, attributes = {}, ...children) {
  return fill(document.createElement(name), attributes, children);
}

/** The same for SVG. */
export function svg(name, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, name), attributes, children);
}

/** Puts these in place of what an element has. */
export function replace(element, ...children) {
  element.replaceChildren(...children.flat().filter(isShown));
  return element;
}

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) set(element, name, value);
  element.append(...children.flat().filter(isShown));
  return element;
}

function set(element, name, value) {
  if (!isShown(value)) return;
  if (typeof value === 'function') {
    element.addEventListener(name.replace(/^on/, ''), value);
    return;
  }
  if (/^(on|style$|srcdoc$|action$|formaction$)/.test(name))
    throw new TypeError(`${name} is no attribute for this page`);
  if (name === 'href' && !SAFE_LINK.test(value)) throw new TypeError('a link leads to somewhere in this page');
  if (name === 'src' && !SAFE_IMAGE.test(value)) throw new TypeError('an image is of this page or in its address');
  if (name === 'value') element.value = value;
  else element.setAttribute(name, value === true ? '' : value);
}

const isShown = (value) => value !== null && value !== undefined && value !== false;
