// Where characters are, in the server's words: a pixel of the picture for each (the field `at`), so
// that it leaves out who is left out here.

const MOST = 16; // values that the server takes of one field
const THERE = 128; // alpha from which somebody is at a pixel

/** "X,Y" of each of these characters, at the picture's own size; null where they are too many, or one
 * has no place of its own. @param windows of all in the picture, as the server told them */
export function pointsOf(scene, windows, indices) {
  if (indices.length > MOST) return null;
  const points = indices.map((index) => pointOf(scene, windows[index], index));
  return points.includes(null) ? null : points;
}

function pointOf(scene, [x1, y1, x2, y2], index) {
  const { x: left, y: top, width, height } = scene.people[index];
  const own = aheadOfOthers(scene, index);
  let best = THERE - 1;
  let point = null;
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      const least = leastAround(own, width, y * width + x);
      if (least <= best) continue;
      best = least;
      const inside = (place, low, high) => Math.min(high - 1, Math.max(low, Math.floor((place + 0.5) / scene.scale)));
      point = `${inside(left + x, x1, x2)},${inside(top + y, y1, y2)}`;
    }
  }
  return point;
}

/** By how much a character's alpha is more than that of all others together, in its window. */
function aheadOfOthers(scene, index) {
  const one = scene.people[index];
  const ahead = Int16Array.from(one.alpha);
  for (const other of scene.people) {
    if (other === one) continue;
    const right = Math.min(one.x + one.width, other.x + other.width);
    const bottom = Math.min(one.y + one.height, other.y + other.height);
    for (let y = Math.max(one.y, other.y); y < bottom; y++) {
      for (let x = Math.max(one.x, other.x); x < right; x++) {
        ahead[(y - one.y) * one.width + x - one.x] -= other.alpha[(y - other.y) * other.width + x - other.x];
      }
    }
  }
  return ahead;
}

/** The least of a pixel and its eight neighbours: the scene may be smaller than the picture. */
function leastAround(values, width, at) {
  let least = values[at];
  for (const row of [at - width, at, at + width]) {
    least = Math.min(least, values[row - 1], values[row], values[row + 1]);
  }
  return least;
}
