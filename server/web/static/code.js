// While a code is shown the screen stays awake, where the browser lets it: a dark screen is none that can be scanned.
(() => {
  "use strict";
  async function keepAwake() {
    if (document.visibilityState !== "visible" || !navigator.wakeLock) return;
    try { await navigator.wakeLock.request("screen"); } catch { /* a low battery refuses it */ }
  }
  document.addEventListener("visibilitychange", keepAwake);
  keepAwake();
})();
