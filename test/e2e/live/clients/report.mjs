// SPDX-License-Identifier: Apache-2.0
// What each client here does with a frame: a line of JSON for the test that runs it, until `[DONE]`.
export const { SANDBASE_URL: url, SANDBASE_KEY: key, SANDBASE_SESSION: session } = process.env;
export const streamUrl = `${url}/v1/sessions/${session}/events/stream?follow=true`;
export const authorization = { authorization: `Bearer ${key}` };

export function say(value) {
  process.stdout.write(JSON.stringify(value) + '\n');
}

// One frame of the default type: an event, or the end. Returns whether it was the end.
export function take({ id, data }) {
  if (data === '[DONE]') return true;
  const event = JSON.parse(data);
  if (event.id !== id) say({ error: `the frame's id is ${id}`, event });
  say({ id: event.id });
  return false;
}
