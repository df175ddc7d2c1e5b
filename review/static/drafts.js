// Says whether what is typed is kept; htmx sends it a moment after each change. The last words before the page is
// left go out too.
"use strict";

(() => {
  const texts = document.querySelectorAll("[data-draft]");
  const unsent = new Set();
  let isDecided = false;

  const tell = (state) => {
    for (const text of texts) text.hidden = text.dataset.draft !== state;
  };

  for (const part of document.querySelectorAll("[data-keeps-draft]")) {
    part.addEventListener("input", () => unsent.add(part));
    part.addEventListener("htmx:beforeRequest", () => unsent.delete(part));
    // Anything but 204 is a page: sign-in, or an error.
    part.addEventListener("htmx:afterRequest", ({ detail: { xhr } }) => {
      if (xhr.status === 204) return tell("kept");
      if (xhr.status) unsent.add(part);
      tell("lost");
    });
  }

  addEventListener("submit", (event) => (isDecided = "form" in event.target.dataset && !event.defaultPrevented));
  addEventListener("pagehide", () => {
    if (isDecided) return;
    for (const part of unsent)
      navigator.sendBeacon(part.getAttribute("hx-post"), new FormData(part.closest("form")));
  });
})();
