// Takes the offer to undo away when its time has passed.
"use strict";

for (const offer of document.querySelectorAll("[data-undo-seconds]"))
  setTimeout(() => offer.remove(), Math.max(0, offer.dataset.undoSeconds * 1000));
