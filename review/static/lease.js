// The heart-beat: keeps the case while somebody works on it, and says clearly when it is lost. What was typed stays.
"use strict";

(() => {
  const lease = document.getElementById("lease");
  if (!lease) return;
  const root = document.documentElement;
  const WARN_MS = 120_000;
  const LOOK_MS = 1_000;
  const BETWEEN_MS = 10_000;
  // Clocks differ, so the page counts from what the server says is left.
  let until = Date.now() + Number(lease.dataset.seconds) * 1_000;
  let asked = 0;
  let wasActive = false;
  let state = "";

  const canBeat = () => Boolean(window.htmx) && lease.hasAttribute("hx-post");

  const tell = (next) => {
    if (state === next) return;
    state = next;
    root.dataset.lease = next;
    for (const text of lease.querySelectorAll("[data-lease]")) text.hidden = text.dataset.lease !== next;
    if (next === "lost") lease.scrollIntoView({ block: "center" });
  };

  for (const kind of ["keydown", "pointerdown", "pointermove", "wheel", "input"])
    addEventListener(kind, () => (wasActive = true), { passive: true });

  // A page that lies open and unread does not keep the case from others.
  lease.addEventListener("htmx:beforeRequest", (event) => {
    const isWanted = event.detail.requestConfig.triggeringEvent?.type === "beat";
    if (state === "lost" || !(wasActive || isWanted)) event.preventDefault();
    wasActive = false;
    asked = Date.now();
  });

  lease.addEventListener("htmx:afterRequest", ({ detail: { xhr } }) => {
    if (xhr.status === 409 || xhr.status === 404) return tell("lost");
    const answer = xhr.status === 200 && xhr.getResponseHeader("Content-Type")?.includes("json") ? JSON.parse(xhr.responseText) : null;
    if (!answer) return tell("offline");
    const heldUntil = new Date(answer.held_until);
    until = Date.now() + (heldUntil - new Date(xhr.getResponseHeader("Date") ?? Date.now()));
    for (const time of document.querySelectorAll("[data-held-until] time")) {
      time.dateTime = answer.held_until;
      time.textContent = `${heldUntil.toISOString().slice(11, 16)} UTC`;
    }
    tell("held");
  });

  document.querySelector("[data-keep-longer]")?.addEventListener("submit", (event) => {
    if (state === "lost" || !canBeat()) return;
    event.preventDefault();
    htmx.trigger(lease, "beat");
  });

  setInterval(() => {
    if (state === "lost") return;
    const left = until - Date.now();
    if (left <= 0) tell("lost");
    else if (left < WARN_MS && !wasActive) tell("ending");
    else if (left < WARN_MS && Date.now() - asked > BETWEEN_MS && canBeat()) htmx.trigger(lease, "beat");
  }, LOOK_MS);
})();
