// The pictures and videos that are on the page, and what was done to each. Nothing is drawn here.

import { cutPicture, cutVideo, Refusal } from "./server.js";

const AT_ONCE = 2;

/** Tells "change" (event.detail: the item, or null for the list itself). */
export const changes = new EventTarget();
export const items = [];

/** What is the same for all pictures. background: null, [r, g, b], "blur" or a picture's Blob. */
export const look = { background: null, edge: { grow: 0, soften: 0, harden: 0 } };

/** {body, pixels, frames} that the server takes; null until it is known. */
export let limits = null;
let count = 0;

export function setLimits(given) {
  limits = given;
}

export function tell(item) {
  changes.dispatchEvent(new CustomEvent("change", { detail: item }));
}

/** Takes files in, and has them cut, a few at once. */
export function take(files, tooLarge) {
  const fresh = files.map((file) => ({
    id: ++count,
    file,
    name: file.name || `picture ${count}`,
    moves: file.type.startsWith("video/") || /\.(mkv|avi|mov|mp4|webm|m4v)$/i.test(file.name),
    state: "waiting", // → looking, busy, done or failed
    progress: null,
    problem: null, // what a failed one says: a `Refusal`, or another error
    layers: null,
    off: new Set(),
    strokes: [],
    undone: [],
    film: null, // of a video: {overlay, made, shown}, see filmOf
    thumbnail: URL.createObjectURL(file),
    abort: new AbortController(),
  }));
  for (const item of fresh) {
    if (limits && item.file.size > limits.body - 4096) {
      item.state = "failed";
      item.problem = new Refusal("", tooLarge(Math.floor(limits.body / 2 ** 20)), true);
    }
  }
  items.push(...fresh);
  tell(null);
  work();
  return fresh;
}

export function again(item) {
  item.state = "waiting";
  tell(item);
  work();
}

export function drop(item) {
  item.abort.abort();
  URL.revokeObjectURL(item.thumbnail);
  items.splice(items.indexOf(item), 1);
  tell(null);
}

function work() {
  const busy = items.filter((item) => item.state === "looking" || item.state === "busy").length;
  const next = items.filter((item) => item.state === "waiting").slice(0, Math.max(0, AT_ONCE - busy));
  for (const item of next) cut(item);
}

async function cut(item) {
  const note = (state) => {
    item.state = state;
    tell(item);
  };
  note("looking");
  try {
    if (item.moves) await cutFilm(item, note);
    else item.layers = await cutPicture(item.file, note, item.abort.signal);
    item.state = "done";
  } catch (error) {
    if (item.abort.signal.aborted) return;
    item.state = "failed";
    item.problem = error;
  } finally {
    item.progress = null;
    tell(item);
    work();
  }
}

async function cutFilm(item, note) {
  const fields = { overlay: "1", codec: "h264" };
  const { told, files } = await cutVideo(item.file, fields, note, (done, total) => {
    item.progress = { done, total };
    tell(item);
  }, item.abort.signal);
  const overlay = files.find((file) => file.name.includes("overlay")) ?? files[0];
  item.layers = { told };
  item.film = { overlay: overlay ? URL.createObjectURL(overlay.blob) : item.thumbnail, made: null, shown: "overlay" };
}

/** The ids of those who stay, as the server takes them. */
function tracksOf(item) {
  const stay = item.layers.told.instances.filter((_, index) => !item.off.has(index));
  return stay.map((one) => one.id).join(",");
}

/** What there is of a video: {overlay, made, shown}; nothing is made as long as others stay than then. */
export function filmOf(item) {
  const { overlay, made, shown } = item.film;
  const same = made?.track === tracksOf(item);
  return { overlay, made: same ? made : null, shown: same ? shown : "overlay" };
}

/** Has the transparent video of those who stay made. */
export async function makeFilm(item) {
  const track = tracksOf(item);
  const fields = { cutout: "1", transparent: "webm", track };
  item.progress = { done: 0, total: null };
  tell(item);
  try {
    const { files } = await cutVideo(item.file, fields, () => {}, (done, total) => {
      item.progress = { done, total };
      tell(item);
    }, item.abort.signal);
    const made = files.find((file) => file.name.endsWith(".webm"));
    if (!made) throw new Refusal("failedThere", "nobody stays");
    if (item.film.made) URL.revokeObjectURL(item.film.made.url);
    item.film.made = { track, blob: made.blob, url: URL.createObjectURL(made.blob) };
    item.film.shown = "made";
  } finally {
    item.progress = null;
    tell(item);
  }
}
