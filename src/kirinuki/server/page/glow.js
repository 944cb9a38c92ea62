// The character that the pointer or the keyboard is on, in a colour of its own.

const GLOWS = ["#ff4f8b", "#22b8f0", "#ffb020", "#31c48d", "#a47cff", "#ff7a45"];
const TINT = 0.28; // how much of the colour lies over the character itself

/** Paints the glow of one character of a scene, or of nobody (-1). */
export function paintGlow(canvas, scene, lit) {
  const context = canvas.getContext("2d");
  context.clearRect(0, 0, canvas.width, canvas.height);
  if (!scene || lit < 0) return;
  const one = scene.people[lit];
  const tint = silhouette(one, GLOWS[lit % GLOWS.length]);
  const line = Math.max(2, scene.width / 320);
  for (let k = 0; k < 16; k++) {
    const angle = (k * Math.PI) / 8;
    context.drawImage(tint, one.x + line * Math.cos(angle), one.y + line * Math.sin(angle));
  }
  context.globalCompositeOperation = "destination-out";
  context.drawImage(tint, one.x, one.y);
  context.globalCompositeOperation = "source-over";
  context.globalAlpha = TINT;
  context.drawImage(tint, one.x, one.y);
  context.globalAlpha = 1;
}

function silhouette(one, colour) {
  const canvas = new OffscreenCanvas(one.width, one.height);
  const pixels = new ImageData(one.width, one.height);
  const rgb = colour.match(/\w\w/g).map((part) => parseInt(part, 16));
  for (let i = 0; i < one.alpha.length; i++) pixels.data.set([...rgb, one.alpha[i]], 4 * i);
  canvas.getContext("2d").putImageData(pixels, 0, 0);
  return canvas;
}
