// What users take along: files made by the worker, and the clipboard.

import { look } from "./items.js";
import { zip } from "./zip.js";

const worker = new Worker("export.js", { type: "module" });
const waiting = new Map();
let count = 0;

worker.addEventListener("message", ({ data }) => {
  const { done, failed } = waiting.get(data.id);
  waiting.delete(data.id);
  if (data.error) failed(new Error(data.error));
  else done(data.files);
});

/** Files of one picture at its own size: the whole, or one for each who stays. */
function render(item, each = false) {
  const id = ++count;
  const background = each || look.background === null ? null : look.background.blob ?? look.background;
  const { layers, off, strokes } = item;
  worker.postMessage({ id, layers, off, strokes, edge: look.edge, background, each });
  return new Promise((done, failed) => waiting.set(id, { done, failed }));
}

/** The name of a file without what comes after its last dot. */
function stemOf(item) {
  return item.name.replace(/\.[^.]*$/, "") || "picture";
}

export async function savePicture(item) {
  const [{ blob }] = await render(item);
  save(blob, `${stemOf(item)}_cutout.png`);
}

export async function saveEach(item) {
  const files = (await render(item, true)).map(({ name, blob }) => ({ name: `${stemOf(item)}${name}.png`, blob }));
  if (files.length === 1) save(files[0].blob, files[0].name);
  else save(await zip(files), `${stemOf(item)}_characters.zip`);
}

export async function saveAll(items) {
  const files = [];
  const taken = new Set();
  for (const item of items) {
    let name = `${stemOf(item)}_cutout.png`;
    for (let n = 2; taken.has(name); n++) name = `${stemOf(item)}_cutout_${n}.png`;
    taken.add(name);
    files.push({ name, blob: (await render(item))[0].blob });
  }
  save(await zip(files), "kirinuki.zip");
}

/** The clipboard takes a promise, so that it still counts as asked for by the user. */
export function copyPicture(item) {
  const made = render(item).then(([{ blob }]) => blob);
  return navigator.clipboard.write([new ClipboardItem({ "image/png": made })]);
}

export function saveBlob(item, blob, end) {
  save(blob, stemOf(item) + end);
}

function save(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}
