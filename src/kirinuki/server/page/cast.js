// The list of characters: each a switch, with its portrait. The same for pictures and videos.

import { t } from "./i18n.js";

const PORTRAIT = 96;
const KIND_WORDS = { female: "waifu", male: "husbando", unknown: "unknown" };

/** Makes the list anew.
 * @param on {toggle(index), light(index)} */
export function showCast(list, item, scene, on) {
  const people = item.layers.told.instances;
  list.replaceChildren(...people.map((told, index) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "member";
    button.setAttribute("role", "switch");
    button.dataset.index = index;
    const portrait = scene ? portraitOf(scene, index) : told.face ? faceOf(told) : badge(told.id);
    const words = document.createElement("span");
    words.className = "member-words";
    const name = document.createElement("strong");
    name.textContent = t("character", { id: told.id });
    const kind = document.createElement("span");
    kind.className = `kind kind-${told.kind}`;
    kind.textContent = t(KIND_WORDS[told.kind] ?? "unknown");
    words.append(name, kind);
    if (told.frames) {
      const frames = document.createElement("span");
      frames.className = "frames";
      frames.textContent = t("frameCount", { count: told.frames });
      words.append(frames);
    }
    const knob = document.createElement("span");
    knob.className = "knob";
    knob.setAttribute("aria-hidden", "true");
    button.append(portrait, words, knob);
    button.addEventListener("click", () => on.toggle(index));
    button.addEventListener("pointerenter", () => on.light(index));
    button.addEventListener("pointerleave", () => on.light(-1));
    button.addEventListener("focus", () => on.light(index));
    button.addEventListener("blur", () => on.light(-1));
    return button;
  }));
}

/** Shows who is in and who is under the pointer. */
export function markCast(list, item, lit) {
  for (const button of list.children) {
    const index = Number(button.dataset.index);
    button.setAttribute("aria-checked", String(!item.off.has(index)));
    button.classList.toggle("lit", index === lit);
  }
}

/** The indices of those whose kind is not the one asked for. */
export function othersThan(item, kind) {
  const people = [...item.layers.told.instances.entries()];
  return new Set(people.filter(([, one]) => kind !== "all" && one.kind !== kind).map(([index]) => index));
}

/** The kind whose filter gives just those who are in, or none. */
export function kindShown(item) {
  const same = (off) => off.size === item.off.size && [...off].every((index) => item.off.has(index));
  const kinds = new Set(item.layers.told.instances.map((one) => one.kind));
  return ["all", ...kinds].find((kind) => same(othersThan(item, kind))) ?? "";
}

function portraitOf(scene, index) {
  const one = scene.people[index];
  const pixels = new ImageData(one.width, one.height);
  for (let i = 0; i < one.alpha.length; i++) {
    pixels.data[4 * i] = one.colours[4 * i];
    pixels.data[4 * i + 1] = one.colours[4 * i + 1];
    pixels.data[4 * i + 2] = one.colours[4 * i + 2];
    pixels.data[4 * i + 3] = one.alpha[i];
  }
  const whole = new OffscreenCanvas(one.width, one.height);
  whole.getContext("2d").putImageData(pixels, 0, 0);
  const canvas = document.createElement("canvas");
  canvas.className = "portrait checker";
  canvas.width = canvas.height = PORTRAIT;
  canvas.setAttribute("aria-hidden", "true");
  const context = canvas.getContext("2d");
  context.imageSmoothingQuality = "high";
  // The upper part of whoever is tall: that is where the face is.
  const side = Math.max(one.width, Math.min(one.height, 1.4 * one.width));
  const scale = PORTRAIT / side;
  context.drawImage(whole, (PORTRAIT - one.width * scale) / 2, 4, one.width * scale, one.height * scale);
  return canvas;
}

/** Of a video: the face that the server sent, in a frame of the colour that the character has there. */
function faceOf({ id, face }) {
  const picture = document.createElement("img");
  picture.className = `portrait face badge-${id % 12}`;
  picture.src = `data:image/jpeg;base64,${face}`;
  picture.alt = "";
  return picture;
}

function badge(id) {
  const mark = document.createElement("span");
  mark.className = `portrait badge badge-${id % 12}`;
  mark.textContent = id;
  mark.setAttribute("aria-hidden", "true");
  return mark;
}
