// The queue stays fresh by itself, but never under somebody's hands, and not for a person who has gone: the session
// of a page that lies open must be able to end.
"use strict";

(() => {
  const STILL_HERE_MS = 10 * 60_000;
  let lastSeen = Date.now();
  for (const kind of ["keydown", "pointerdown", "pointermove"]) addEventListener(kind, () => (lastSeen = Date.now()), { passive: true });

  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.target.id !== "live") return;
    const isInUse = event.target.contains(document.activeElement) || event.target.querySelector("details[open]");
    if (isInUse || document.hidden || Date.now() - lastSeen > STILL_HERE_MS) event.preventDefault();
  });

  // Anything but the queue, such as the page to sign in, is shown whole.
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.target.id === "live" && !event.detail.xhr.responseText.includes('id="live"')) location.reload();
  });
})();
