// A ZIP of files that are compressed already: stored as they are.

import { crc32 } from "./crc.js";

const UTF8 = 0x800;
const DATE = (0 << 9) | (1 << 5) | 1; // 1 January 1980: the same files give the same archive

/** @param files [{name, blob}]
 * @returns {Promise<Blob>} */
export async function zip(files) {
  const parts = [];
  const directory = [];
  let offset = 0;
  for (const { name, blob } of files) {
    const content = new Uint8Array(await blob.arrayBuffer());
    const title = new TextEncoder().encode(name);
    const facts = { crc: crc32(content), size: content.length, title, offset };
    const head = record(0x04034b50, facts, false);
    parts.push(head, content);
    directory.push(record(0x02014b50, facts, true));
    offset += head.length + content.length;
  }
  const size = directory.reduce((sum, one) => sum + one.length, 0);
  const end = new Uint8Array(22);
  const view = new DataView(end.buffer);
  view.setUint32(0, 0x06054b50, true);
  view.setUint16(8, files.length, true);
  view.setUint16(10, files.length, true);
  view.setUint32(12, size, true);
  view.setUint32(16, offset, true);
  return new Blob([...parts, ...directory, end], { type: "application/zip" });
}

function record(signature, { crc, size, title, offset }, central) {
  const made = new Uint8Array((central ? 46 : 30) + title.length);
  const view = new DataView(made.buffer);
  view.setUint32(0, signature, true);
  const at = central ? 6 : 4;
  if (central) view.setUint16(4, 20, true);
  view.setUint16(at, 20, true);
  view.setUint16(at + 2, UTF8, true);
  view.setUint16(at + 8, DATE, true);
  view.setUint32(at + 10, crc, true);
  view.setUint32(at + 14, size, true);
  view.setUint32(at + 18, size, true);
  view.setUint16(at + 22, title.length, true);
  if (central) view.setUint32(42, offset, true);
  made.set(title, central ? 46 : 30);
  return made;
}
