// The worker that makes results at the picture's own size, so that the page never stands still.
//
// In: {id, layers, off, strokes, edge, background: null | [r, g, b] | "blur" | Blob, each}.
// Out: {id, files: [{name, blob}]}, or {id, error}.

import { blurredWithout, draw, edged, noStrokes, over, tight, union, write } from "./pixels.js";
import { encodePng } from "./png.js";
import { bitmapOf, loadScene } from "./scene.js";

self.addEventListener("message", async ({ data }) => {
  try {
    const scene = await loadScene(data.layers);
    const files = data.each ? await each(scene, data) : [{ name: "", blob: await whole(scene, data) }];
    self.postMessage({ id: data.id, files });
  } catch (error) {
    self.postMessage({ id: data.id, error: String(error.message ?? error) });
  }
});

/** RGBA of those who are not off, with strokes and edges. */
function cutOut(scene, off, { strokes, edge }) {
  const { width, height } = scene;
  const { alpha, rgba } = union(scene, off);
  const made = edged(alpha, width, height, edge);
  const bounds = strokes.length ? noStrokes(scene) : null;
  for (const stroke of strokes) draw(bounds, scene, stroke);
  const out = new Uint8ClampedArray(4 * width * height);
  write(out, rgba, made, bounds, width, { left: 0, top: 0, right: width, bottom: height });
  return out;
}

async function whole(scene, data) {
  const out = cutOut(scene, data.off, data);
  if (data.background !== null) over(out, await behind(scene, data));
  return encodePng(out, scene.width, scene.height);
}

async function each(scene, data) {
  const files = [];
  for (const [index] of scene.people.entries()) {
    if (data.off.has(index)) continue;
    const others = new Set(scene.people.keys());
    others.delete(index);
    // Strokes belong to nobody: what they take away is away, what they add is added to the first.
    const strokes = files.length ? data.strokes.filter((stroke) => stroke.mode !== "add") : data.strokes;
    const out = cutOut(scene, others, { ...data, strokes });
    const part = tight(out, scene.width, scene.height);
    if (part === null) continue;
    const width = part.right - part.left;
    const height = part.bottom - part.top;
    const cropped = new Uint8ClampedArray(4 * width * height);
    for (let y = 0; y < height; y++) {
      const from = 4 * ((y + part.top) * scene.width + part.left);
      cropped.set(out.subarray(from, from + 4 * width), 4 * y * width);
    }
    files.push({ name: `_${index + 1}`, blob: await encodePng(cropped, width, height) });
  }
  return files;
}

/** What comes behind: one colour, or opaque pixels of the picture's size. */
async function behind(scene, { background }) {
  if (Array.isArray(background)) return background;
  const { width, height } = scene;
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.imageSmoothingQuality = "high";
  if (background === "blur") {
    const small = blurredWithout(scene, union(scene, new Set()).alpha);
    const tile = new OffscreenCanvas(small.width, small.height);
    tile.getContext("2d").putImageData(new ImageData(small.rgba, small.width, small.height), 0, 0);
    context.drawImage(tile, 0, 0, width, height);
  } else {
    const bitmap = await bitmapOf(background);
    const scale = Math.max(width / bitmap.width, height / bitmap.height);
    const [w, h] = [bitmap.width * scale, bitmap.height * scale];
    context.fillStyle = "#fff";
    context.fillRect(0, 0, width, height);
    context.drawImage(bitmap, (width - w) / 2, (height - h) / 2, w, h);
  }
  return context.getImageData(0, 0, width, height).data;
}
