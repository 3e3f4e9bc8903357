// SPDX-License-Identifier: Apache-2.0
// Long work in pieces, so that the page scrolls and takes keys in between.

const BUDGET = 8; // milliseconds of work between two pauses

/** Lets everything else that waits have its turn. */
export function pause() {
  if (globalThis.scheduler?.yield) return globalThis.scheduler.yield();
  return new Promise((resolve) => {
    setTimeout(resolve, 0);
  });
}

/** `work(item)` for each item, in order; false as soon as `isOver()`. */
export async function inSlices(items, work, isOver = () => false) {
  let since = performance.now();
  for (const item of items) {
    if (performance.now() - since > BUDGET) {
      await pause();
      if (isOver()) return false;
      since = performance.now();
    }
    work(item);
  }
  return true;
}
