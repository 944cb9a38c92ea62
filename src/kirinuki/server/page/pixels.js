// Alphas, colours and strokes of one picture become its result: pure functions over typed arrays,
// used at the size of the screen in the page and at the picture's own size in the worker.
//
// A scene is {width, height, scale, rgba, people: [{x, y, width, height, alpha, colours}]}: rgba the
// picture, 4 bytes a pixel; of each character alpha, 1 byte, and its own colours, 4 bytes a pixel.

/** Everyone who is not `off` in one: {alpha, rgba}. Alphas add up; where characters share a pixel its
 * colour is the mean of theirs, weighed by their alphas. */
export function union(scene, off) {
  const alpha = new Uint8ClampedArray(scene.width * scene.height);
  const rgba = scene.rgba.slice();
  scene.people.forEach((one, index) => {
    if (off.has(index)) return;
    for (let y = 0; y < one.height; y++) {
      let from = y * one.width;
      let to = (y + one.y) * scene.width + one.x;
      for (let x = 0; x < one.width; x++, from++, to++) {
        const more = one.alpha[from];
        if (more === 0) continue;
        const before = alpha[to];
        const sum = before + more;
        for (let c = 0; c < 3; c++) {
          const own = one.colours[4 * from + c];
          rgba[4 * to + c] = before === 0 ? own : Math.round((before * rgba[4 * to + c] + more * own) / sum);
        }
        alpha[to] = Math.min(255, sum);
      }
    }
  });
  return { alpha, rgba };
}

/** Alpha with its edge moved by `grow` pixels, blurred by `soften`, and made steeper by `harden` in
 * 0…100, in this order. Gives the same array back where nothing is asked. */
export function edged(alpha, width, height, edge, scale = 1) {
  let made = alpha;
  if (edge.grow !== 0) made = moved(made, width, height, edge.grow * scale);
  const radius = Math.round(edge.soften * scale);
  if (radius > 0) made = blurred(blurred(made, width, height, radius), width, height, radius);
  if (edge.harden > 0) made = made.map(steeper(edge.harden));
  return made;
}

function steeper(harden) {
  const gain = 1 / (1 - Math.min(0.98, harden / 102));
  return (value) => 127.5 + (value - 127.5) * gain;
}

/** The largest (or, for a negative radius, smallest) alpha within a square; between two whole radii,
 * in between. */
function moved(alpha, width, height, radius) {
  const size = Math.abs(radius);
  const low = Math.floor(size);
  const share = size - low;
  const inner = extreme(alpha, width, height, low, radius < 0);
  if (share === 0) return inner;
  const outer = extreme(inner, width, height, 1, radius < 0);
  return inner.map((value, i) => value + (outer[i] - value) * share);
}

function extreme(alpha, width, height, radius, smallest) {
  if (radius === 0) return alpha;
  const across = extremeInLines(alpha, height, width, width, 1, radius, smallest);
  return extremeInLines(across, width, height, 1, width, radius, smallest);
}

/** Running extreme of each line (a row or a column): a queue of candidates, each looked at twice. */
function extremeInLines(alpha, lines, length, lineStep, step, radius, smallest) {
  const made = new Uint8ClampedArray(alpha.length);
  const queue = new Int32Array(length);
  const sign = smallest ? -1 : 1;
  for (let line = 0; line < lines; line++) {
    const start = line * lineStep;
    let head = 0;
    let tail = 0;
    for (let i = 0; i < length + radius; i++) {
      if (i < length) {
        const value = sign * alpha[start + i * step];
        while (tail > head && sign * alpha[start + queue[tail - 1] * step] <= value) tail--;
        queue[tail++] = i;
      }
      const at = i - radius;
      if (at < 0) continue;
      if (queue[head] < at - radius) head++;
      made[start + at * step] = alpha[start + queue[head] * step];
    }
  }
  return made;
}

/** Mean of a square, edges repeated. */
function blurred(alpha, width, height, radius) {
  const across = meanOfLines(alpha, height, width, width, 1, radius);
  return meanOfLines(across, width, height, 1, width, radius);
}

function meanOfLines(alpha, lines, length, lineStep, step, radius) {
  const made = new Uint8ClampedArray(alpha.length);
  const span = 2 * radius + 1;
  const last = length - 1;
  for (let line = 0; line < lines; line++) {
    const start = line * lineStep;
    let sum = 0;
    for (let i = -radius; i <= radius; i++) sum += alpha[start + Math.min(last, Math.max(0, i)) * step];
    for (let i = 0; i < length; i++) {
      made[start + i * step] = sum / span;
      const next = Math.min(last, i + radius + 1);
      const gone = Math.max(0, i - radius);
      sum += alpha[start + next * step] - alpha[start + gone * step];
    }
  }
  return made;
}

/** What strokes do to alpha: it is kept at least `low` and at most `high`. */
export function noStrokes(scene) {
  const size = scene.width * scene.height;
  return { low: new Uint8Array(size), high: new Uint8Array(size).fill(255) };
}

/** Draws points `from`… of a stroke {mode, radius, points: [x, y, …]} (in pixels of the picture) and
 * says which part changed, {left, top, right, bottom}. Drawing a point twice changes nothing. */
export function draw(bounds, scene, stroke, from = 0) {
  const { scale } = scene;
  const radius = stroke.radius * scale;
  const points = stroke.points;
  const changed = { left: scene.width, top: scene.height, right: 0, bottom: 0 };
  for (let i = Math.max(0, from - 1); i < points.length / 2; i++) {
    const next = Math.min(i + 1, points.length / 2 - 1);
    dab(
      bounds, scene, stroke.mode === "add", radius, changed,
      points[2 * i] * scale, points[2 * i + 1] * scale,
      points[2 * next] * scale, points[2 * next + 1] * scale,
    );
  }
  return changed;
}

function dab(bounds, scene, adds, radius, changed, x1, y1, x2, y2) {
  const feather = Math.max(1, radius / 4);
  const reach = radius + feather;
  const left = Math.max(0, Math.floor(Math.min(x1, x2) - reach));
  const top = Math.max(0, Math.floor(Math.min(y1, y2) - reach));
  const right = Math.min(scene.width, Math.ceil(Math.max(x1, x2) + reach));
  const bottom = Math.min(scene.height, Math.ceil(Math.max(y1, y2) + reach));
  const dx = x2 - x1;
  const dy = y2 - y1;
  const length = dx * dx + dy * dy;
  for (let y = top; y < bottom; y++) {
    for (let x = left; x < right; x++) {
      const px = x + 0.5 - x1;
      const py = y + 0.5 - y1;
      const along = length === 0 ? 0 : Math.min(1, Math.max(0, (px * dx + py * dy) / length));
      const qx = px - along * dx;
      const qy = py - along * dy;
      const inside = (radius - Math.sqrt(qx * qx + qy * qy)) / feather + 0.5;
      const strength = Math.round(255 * Math.min(1, Math.max(0, inside)));
      if (strength === 0) continue;
      const i = y * scene.width + x;
      if (adds) {
        bounds.low[i] = Math.max(bounds.low[i], strength);
        bounds.high[i] = Math.max(bounds.high[i], strength);
      } else {
        bounds.low[i] = Math.min(bounds.low[i], 255 - strength);
        bounds.high[i] = Math.min(bounds.high[i], 255 - strength);
      }
    }
  }
  changed.left = Math.min(changed.left, left);
  changed.top = Math.min(changed.top, top);
  changed.right = Math.max(changed.right, right);
  changed.bottom = Math.max(changed.bottom, bottom);
}

/** Writes colours and alpha into `out`, 4 bytes a pixel; transparent pixels are all zeros. */
export function write(out, rgba, alpha, bounds, width, part) {
  for (let y = part.top; y < part.bottom; y++) {
    for (let i = y * width + part.left; i < y * width + part.right; i++) {
      const a = bounds ? Math.min(bounds.high[i], Math.max(bounds.low[i], alpha[i])) : alpha[i];
      out[4 * i] = a === 0 ? 0 : rgba[4 * i];
      out[4 * i + 1] = a === 0 ? 0 : rgba[4 * i + 1];
      out[4 * i + 2] = a === 0 ? 0 : rgba[4 * i + 2];
      out[4 * i + 3] = a;
    }
  }
}

/** Puts RGBA with straight alpha over opaque pixels, or one colour [r, g, b], in place. */
export function over(rgba, behind) {
  const plain = behind.length === 3;
  for (let i = 0; i < rgba.length; i += 4) {
    const a = rgba[i + 3];
    for (let c = 0; c < 3; c++) {
      const back = plain ? behind[c] : behind[i + c];
      rgba[i + c] = Math.round((a * rgba[i + c] + (255 - a) * back) / 255);
    }
    rgba[i + 3] = 255;
  }
}

/** The picture without its characters, blurred, at about 160 pixels: {width, height, rgba}. The
 * colours around them flow in where they were, so that they leave no halo. */
export function blurredWithout(scene, alpha) {
  const step = Math.max(1, Math.round(Math.max(scene.width, scene.height) / 160));
  const width = Math.max(1, Math.floor(scene.width / step));
  const height = Math.max(1, Math.floor(scene.height / step));
  const sums = [0, 1, 2, 3].map(() => new Float32Array(width * height));
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = y * width + x;
      for (let v = 0; v < step; v += Math.max(1, step >> 2)) {
        for (let u = 0; u < step; u += Math.max(1, step >> 2)) {
          const i = (y * step + v) * scene.width + x * step + u;
          const weight = alpha[i] === 0 ? 1 : 0.0001;
          for (let c = 0; c < 3; c++) sums[c][at] += weight * scene.rgba[4 * i + c];
          sums[3][at] += weight;
        }
      }
    }
  }
  for (const radius of [2, 2, 3]) for (const sum of sums) smooth(sum, width, height, radius);
  const rgba = new Uint8ClampedArray(4 * width * height);
  for (let i = 0; i < width * height; i++) {
    for (let c = 0; c < 3; c++) rgba[4 * i + c] = sums[c][i] / sums[3][i];
    rgba[4 * i + 3] = 255;
  }
  return { width, height, rgba };
}

function smooth(values, width, height, radius) {
  for (const [lines, length, lineStep, step] of [[height, width, width, 1], [width, height, 1, width]]) {
    const line = new Float32Array(length);
    for (let k = 0; k < lines; k++) {
      for (let i = 0; i < length; i++) line[i] = values[k * lineStep + i * step];
      for (let i = 0; i < length; i++) {
        let sum = 0;
        for (let j = -radius; j <= radius; j++) sum += line[Math.min(length - 1, Math.max(0, i + j))];
        values[k * lineStep + i * step] = sum / (2 * radius + 1);
      }
    }
  }
}

/** The part around all pixels whose alpha is not 0, or null. */
export function tight(rgba, width, height) {
  const part = { left: width, top: height, right: 0, bottom: 0 };
  for (let y = 0, i = 3; y < height; y++) {
    for (let x = 0; x < width; x++, i += 4) {
      if (rgba[i] === 0) continue;
      if (x < part.left) part.left = x;
      if (x >= part.right) part.right = x + 1;
      if (y < part.top) part.top = y;
      part.bottom = y + 1;
    }
  }
  return part.right ? part : null;
}
