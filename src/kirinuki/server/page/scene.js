// What the server found becomes a scene (see pixels.js), at its own size or a smaller one. Works in the
// page and in a worker. Every layer is an opaque PNG: a canvas gives its pixels back as they are.

/** @param layers {told, picture, alphas, colours}: JSON, and PNG blobs. */
export async function loadScene(layers, longest = Infinity) {
  const picture = await bitmapOf(layers.picture);
  const scale = Math.min(1, longest / Math.max(picture.width, picture.height));
  const width = Math.max(1, Math.round(picture.width * scale));
  const height = Math.max(1, Math.round(picture.height * scale));
  const rgba = pixelsOf(picture, width, height, (context) => context.drawImage(picture, 0, 0, width, height));
  picture.close();
  const people = [];
  for (const [index, told] of layers.told.instances.entries()) {
    people.push(await personOf(layers, index, told.window, { width, height, scale }));
  }
  return { width, height, scale, rgba, people };
}

async function personOf(layers, index, [x1, y1, x2, y2], { width, height, scale }) {
  const x = Math.floor(x1 * scale);
  const y = Math.floor(y1 * scale);
  const size = {
    width: Math.min(width, Math.ceil(x2 * scale)) - x,
    height: Math.min(height, Math.ceil(y2 * scale)) - y,
  };
  const draw = (bitmap) => (context) => {
    context.drawImage(bitmap, x1 * scale - x, y1 * scale - y, bitmap.width * scale, bitmap.height * scale);
  };
  const alpha = await bitmapOf(layers.alphas[index]);
  const grey = pixelsOf(alpha, size.width, size.height, draw(alpha));
  const colours = await bitmapOf(layers.colours[index]);
  const person = {
    x, y, ...size,
    alpha: everyFourth(grey),
    colours: pixelsOf(colours, size.width, size.height, draw(colours)),
  };
  alpha.close();
  colours.close();
  return person;
}

function everyFourth(bytes) {
  const made = new Uint8Array(bytes.length / 4);
  for (let i = 0; i < made.length; i++) made[i] = bytes[4 * i];
  return made;
}

export function bitmapOf(blob) {
  return createImageBitmap(blob, { colorSpaceConversion: "none", premultiplyAlpha: "none" });
}

function pixelsOf(bitmap, width, height, draw) {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.imageSmoothingEnabled = width < bitmap.width;
  context.imageSmoothingQuality = "high";
  draw(context);
  return context.getImageData(0, 0, width, height).data;
}
