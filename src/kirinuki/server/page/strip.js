// The pictures of the page in a row: which one is shown, which are under way.

import { t } from "./i18n.js";

/** @param on {choose(item), remove(item)} */
export function showStrip(strip, items, current, on) {
  const known = new Map([...strip.children].map((one) => [Number(one.dataset.id), one]));
  for (const item of items) {
    const tile = known.get(item.id) ?? strip.appendChild(tileOf(item, on)); // new ones are the last
    known.delete(item.id);
    mark(tile, item, item === current);
  }
  for (const tile of known.values()) tile.remove();
}

function tileOf(item, on) {
  const tile = document.createElement("div");
  tile.className = "tile";
  tile.dataset.id = item.id;
  tile.classList.toggle("moves", item.moves);
  const choice = document.createElement("button");
  choice.type = "button";
  choice.className = "tile-choice";
  const picture = document.createElement(item.moves ? "video" : "img");
  picture.src = item.thumbnail;
  if (!item.moves) picture.alt = "";
  picture.addEventListener("error", () => picture.replaceWith(nameOf(item))); // TIFF, or no picture
  choice.append(picture);
  choice.addEventListener("click", () => on.choose(item));
  const remove = document.createElement("button");
  remove.type = "button";
  remove.className = "tile-remove";
  remove.innerHTML = '<svg class="icon" aria-hidden="true"><use href="#i-x"/></svg>';
  remove.addEventListener("click", () => on.remove(item));
  tile.append(choice, remove);
  return tile;
}

function nameOf(item) {
  const words = document.createElement("span");
  words.className = "unseen";
  words.textContent = item.name;
  return words;
}

function mark(tile, item, chosen) {
  const [choice, remove] = tile.children;
  choice.setAttribute("aria-pressed", String(chosen));
  choice.setAttribute("aria-label", item.name);
  choice.title = item.name;
  remove.setAttribute("aria-label", t("remove", { name: item.name }));
  tile.dataset.state = item.state;
  tile.dataset.found = item.state === "done" ? item.layers.told.instances.length : "";
  if (chosen) tile.scrollIntoView?.({ block: "nearest", inline: "nearest" });
}
