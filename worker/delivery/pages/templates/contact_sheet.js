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

const dialog = document.createElement("dialog");
const large = document.createElement("img");
const caption = document.createElement("p");
dialog.append(large, caption);
document.body.append(dialog);

let shown = 0;
function show(i) {
  const tile = tiles[i];
  const thumbnail = tile.querySelector("img").src;
  shown = i;
  large.onerror = () => { large.onerror = null; large.src = thumbnail; };  // the page was moved without its pictures
  large.src = tile.querySelector("a").href;
  caption.textContent = `${tile.querySelector("h3").textContent} – ${tile.querySelector(".prompt").textContent}`;
  if (!dialog.open) dialog.showModal();
}
function step(by) {
  for (let i = shown + by; i >= 0 && i < tiles.length; i += by) {
    if (!tiles[i].hidden) return show(i);
  }
}
tiles.forEach((tile, i) => tile.querySelector("a").addEventListener("click", (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  show(i);
}));
dialog.addEventListener("click", () => dialog.close());
dialog.addEventListener("keydown", (event) => {
  if (event.key === "ArrowRight") step(1);
  if (event.key === "ArrowLeft") step(-1);
});
