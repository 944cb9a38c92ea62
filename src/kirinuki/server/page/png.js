// A PNG of RGBA with straight alpha, exactly: a canvas would multiply colours by alpha and back.

import { crc32 } from "./crc.js";

const SIGNATURE = Uint8Array.of(137, 80, 78, 71, 13, 10, 26, 10);
const ROWS_A_CHUNK = 64;

/** @returns {Promise<Blob>} */
export async function encodePng(rgba, width, height) {
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header.set([8, 6, 0, 0, 0], 8);
  const stream = new CompressionStream("deflate");
  const packed = new Response(stream.readable).arrayBuffer();
  const writer = stream.writable.getWriter();
  for (let top = 0; top < height; top += ROWS_A_CHUNK) {
    await writer.write(filtered(rgba, width, top, Math.min(height, top + ROWS_A_CHUNK)));
  }
  await writer.close();
  const parts = [SIGNATURE, chunk("IHDR", header), chunk("IDAT", new Uint8Array(await packed)), chunk("IEND", new Uint8Array(0))];
  return new Blob(parts, { type: "image/png" });
}

/** Rows, each as the difference to the one above or to the pixel at its left, whichever is less. */
function filtered(rgba, width, top, bottom) {
  const row = 4 * width;
  const made = new Uint8Array((row + 1) * (bottom - top));
  for (let y = top; y < bottom; y++) {
    const from = y * row;
    const to = (y - top) * (row + 1);
    let left = 0;
    let above = 0;
    for (let x = 0; x < row; x++) {
      const value = rgba[from + x];
      left += cost(value - (x < 4 ? 0 : rgba[from + x - 4]));
      above += cost(value - (y === 0 ? 0 : rgba[from - row + x]));
    }
    const up = above <= left;
    made[to] = up ? 2 : 1;
    for (let x = 0; x < row; x++) {
      const other = up ? (y === 0 ? 0 : rgba[from - row + x]) : x < 4 ? 0 : rgba[from + x - 4];
      made[to + 1 + x] = rgba[from + x] - other;
    }
  }
  return made;
}

function cost(difference) {
  const byte = difference & 255;
  return byte < 128 ? byte : 256 - byte;
}

function chunk(name, content) {
  const made = new Uint8Array(content.length + 12);
  const view = new DataView(made.buffer);
  view.setUint32(0, content.length);
  for (let i = 0; i < 4; i++) made[4 + i] = name.charCodeAt(i);
  made.set(content, 8);
  view.setUint32(content.length + 8, crc32(made.subarray(4, content.length + 8)));
  return made;
}
