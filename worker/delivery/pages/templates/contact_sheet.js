// Comfort only: the page says and shows everything without it.
"use strict";
const filter = document.querySelector(".filter");
const tiles = [...document.querySelectorAll(".tile")];
const words = tiles.map((tile) => tile.textContent.toLowerCase());

if (filter && tiles.length > 6) {
  filter.hidden = false;
  filter.addEventListener("input", () => {
    const wanted = filter.value.toLowerCase().trim();
    tiles.forEach((tile, i) => { tile.hidden = !words[i].includes(wanted); });
  });
}

// One picture large. The small version stands in until the large one has come: never one picture under another's words.
const dialog = document.querySelector(".zoom");
const large = dialog.querySelector("img");
const caption = dialog.querySelector("p");
const actual = dialog.querySelector("[data-do=actual]");
let shown = 0;

function show(i) {
  const tile = tiles[i];
  const small = tile.querySelector("img");
  shown = i;
  large.src = small.src;
  large.alt = small.alt;
  caption.textContent = `${tile.querySelector("h3").textContent} – ${tile.querySelector(".prompt").textContent}`;
  const whole = new Image();
  whole.onload = () => { if (shown === i) large.src = whole.src; };  // else the page was moved without its pictures
  whole.src = tile.querySelector("a").href;
  if (!dialog.open) dialog.showModal();
}
function step(by) {
  for (let i = shown + by; i >= 0 && i < tiles.length; i += by) {
    if (!tiles[i].hidden) return show(i);
  }
}
function toActualSize(isActual) {
  dialog.classList.toggle("actual", isActual);
  actual.setAttribute("aria-pressed", isActual);
}
const deeds = {
  previous: () => step(-1),
  next: () => step(1),
  actual: () => toActualSize(!dialog.classList.contains("actual")),
  close: () => dialog.close(),
};
tiles.forEach((tile, i) => tile.querySelector("a").addEventListener("click", (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  toActualSize(false);
  show(i);
}));
dialog.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button) deeds[button.dataset.do]();
  else if (event.target === dialog) dialog.close();  // beside the picture; words may be selected
});
dialog.addEventListener("keydown", (event) => {
  if (event.key === "ArrowRight") step(1);
  if (event.key === "ArrowLeft") step(-1);
});
let beganX = null;
dialog.addEventListener("touchstart", (event) => { beganX = event.touches.length === 1 ? event.touches[0].clientX : null; }, { passive: true });
dialog.addEventListener("touchend", (event) => {
  if (beganX === null || dialog.classList.contains("actual")) return;
  const byPx = event.changedTouches[0].clientX - beganX;
  if (Math.abs(byPx) > 50) step(byPx < 0 ? 1 : -1);
});
