// Single keys: each button carries its own as aria-keyshortcuts. They act once the photographs have loaded, never
// while somebody types, and can be switched off (WCAG 2.1.4). Also: which forms may be sent now.
"use strict";

(() => {
  const root = document.documentElement;
  const SWITCH = "dermtriage-keys";
  const NAMES = { "+": "Plus", "=": "Plus" };
  const TYPES_TEXT = "textarea, select, [contenteditable], input:not([type=checkbox], [type=radio], [type=range])";

  const help = document.getElementById("keys");
  const box = help?.querySelector("[data-keys-on]");
  const areOn = () => localStorage.getItem(SWITCH) !== "off";
  if (box) {
    box.checked = areOn();
    box.addEventListener("change", () => localStorage.setItem(SWITCH, box.checked ? "on" : "off"));
  }
  for (const button of document.querySelectorAll("[data-open=keys]")) {
    button.hidden = !help;
    button.addEventListener("click", () => help.showModal());
  }

  const photographsAreSeen = () => (root.dataset.photographs ?? "ready") === "ready";
  const isHeld = () => root.dataset.lease !== "lost";

  const owner = (key) =>
    [...document.querySelectorAll("[aria-keyshortcuts]")].find(
      (element) => element.getAttribute("aria-keyshortcuts").split(" ").includes(key) && element.checkVisibility(),
    );

  const act = (element) => {
    if (element.dataset.keyDoes === "focus") return element.focus();
    const isSummary = element.tagName === "SUMMARY";
    if (!(isSummary && element.parentElement.open)) element.click();
    if (isSummary) element.parentElement.querySelector("select, textarea, input:not([type=hidden])")?.focus();
    if (element.dataset.then) document.getElementById(element.dataset.then).focus();
  };

  // In a blind reading Enter sends from the choices too; elsewhere a choice opens, as everywhere.
  const sends = (form, field) => form.dataset.form === "reveal" && field.matches("select, [type=radio]");

  const leave = (field) => {
    const summary = field.closest("details")?.querySelector("summary");
    if (summary) summary.focus();
    else field.blur();
  };

  addEventListener("keydown", (event) => {
    const form = event.target.closest("form[data-form]");
    if (event.key === "Enter" && form && (event.ctrlKey || event.metaKey || sends(form, event.target))) {
      event.preventDefault();
      return form.requestSubmit();
    }
    if (event.key === "Escape" && form) return leave(event.target);
    if (event.ctrlKey || event.altKey || event.metaKey || event.repeat || event.isComposing) return;
    if (event.target.matches(TYPES_TEXT) || document.querySelector("dialog[open]")) return;
    if (!areOn() || !photographsAreSeen()) return;
    const element = owner(NAMES[event.key] ?? event.key.toLowerCase());
    if (!element) return;
    event.preventDefault();
    act(element);
  });

  // Nobody agrees with what they have not seen, nor decides a case that they lost.
  addEventListener("submit", (event) => {
    const form = event.target.dataset.form;
    if (!form) return;
    const isTooEarly = root.dataset.photographs === "loading" && ["confirm", "reveal"].includes(form);
    if (isTooEarly || !isHeld()) event.preventDefault();
  });
})();
