// SPDX-License-Identifier: Apache-2.0
// When the reader, or the network, is back: a connection that waits need not wait any longer.

/** Calls back at each return; gives the function that ends it. */
export function whenBack(act) {
  const wake = () => {
    if (!document.hidden) act();
  };
  window.addEventListener('online', wake);
  document.addEventListener('visibilitychange', wake);
  return () => {
    window.removeEventListener('online', wake);
    document.removeEventListener('visibilitychange', wake);
  };
}
