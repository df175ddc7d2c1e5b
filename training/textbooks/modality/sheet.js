"use strict";
const MODALITIES = ["clinical", "dermoscopic", "pathological"];
const cards = [...document.querySelectorAll("article")];
const answers = new Map();
const undone = [];
// Kept in the browser under the pictures' names, so that a closed page loses nothing; where it may keep anything.
const shelf = "dermtriage-check:" + cards.map((card) => card.dataset.book + "/" + card.dataset.id).join();
let at = 0;

function recall() {
  try {
    for (const [n, answer] of JSON.parse(localStorage.getItem(shelf) || "[]")) answers.set(n, answer);
  } catch { /* A page from a file may keep nothing. */ }
}

function keep() {
  try {
    localStorage.setItem(shelf, JSON.stringify([...answers]));
  } catch { /* The same. */ }
}

function show(n) {
  const card = cards[n], answer = answers.get(n), modality = answer ? answer.modality : card.dataset.guess;
  card.classList.toggle("checked", Boolean(answer));
  card.classList.toggle("other", Boolean(answer) && answer.caption === "no");
  const line = card.querySelector(".answer");
  line.textContent = modality + (answer && answer.caption === "no" ? ", caption of another" : "");
  line.className = "answer " + modality;
  document.getElementById("done").textContent = answers.size;
}

function go(n) {
  at = Math.max(0, Math.min(cards.length - 1, n));
  cards[at].focus();
}

function set(n, modality, caption) {
  undone.push([n, answers.get(n)]);
  answers.set(n, { modality, caption });
  show(n);
}

function answer(modality, caption) {
  set(at, modality, caption);
  keep();
  go(at + 1);
}

function undo() {
  if (!undone.length) return;
  const [n, before] = undone.pop();
  if (before) answers.set(n, before); else answers.delete(n);
  show(n);
  keep();
  go(n);
}

function acceptRest() {
  cards.forEach((card, n) => {
    // A caption in doubt is looked at one by one.
    if (n >= at && !answers.has(n) && !("unsure" in card.dataset)) set(n, card.dataset.guess, "yes");
  });
  keep();
}

function inARow() {
  const top = cards[0].offsetTop;
  const below = cards.findIndex((card) => card.offsetTop > top);
  return below < 0 ? cards.length : below;
}

function cell(text) {
  return /[",\n\r]/.test(text) ? '"' + text.replaceAll('"', '""') + '"' : text;
}

function save() {
  const rows = [["book", "id", "modality", "caption"]];
  [...answers].sort((a, b) => a[0] - b[0]).forEach(([n, said]) => {
    rows.push([cards[n].dataset.book, cards[n].dataset.id, said.modality, said.caption]);
  });
  const link = document.createElement("a");
  const text = rows.map((row) => row.map(cell).join(",")).join("\n") + "\n";
  link.href = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
  link.download = document.title.toLowerCase().replaceAll(" ", "-") + ".csv";
  link.click();
  URL.revokeObjectURL(link.href);
}

function pressed(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || !cards.length) return;
  const guess = cards[at].dataset.guess, said = answers.get(at);
  const does = {
    1: () => answer(MODALITIES[0], "yes"),
    2: () => answer(MODALITIES[1], "yes"),
    3: () => answer(MODALITIES[2], "yes"),
    Enter: () => answer(said ? said.modality : guess, "yes"),
    x: () => answer(said ? said.modality : guess, "no"),
    u: undo, a: acceptRest, s: save,
    ArrowRight: () => go(at + 1), ArrowLeft: () => go(at - 1),
    ArrowDown: () => go(at + inARow()), ArrowUp: () => go(at - inARow()),
  }[event.key];
  if (!does || (event.key === "Enter" && event.target.id === "save")) return;
  event.preventDefault();
  does();
}

recall();
cards.forEach((card, n) => { show(n); card.addEventListener("click", () => go(n)); });
document.addEventListener("keydown", pressed);
document.getElementById("save").addEventListener("click", save);
if (cards.length) go(0);
