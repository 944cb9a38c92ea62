// The picture under work: result, before/after, what the pointer is on, brush and zoom.

import { look, tell } from "./items.js";
import { blurredWithout, draw, edged, noStrokes, union, write } from "./pixels.js";
import { loadScene } from "./scene.js";

const LONGEST = 1600; // pixels at which it is worked on in the page; results are made at full size
const SOLID = 64; // alpha from which a character is under the pointer
const GLOWS = ["#ff4f8b", "#22b8f0", "#ffb020", "#31c48d", "#a47cff", "#ff7a45"];

export class Stage {
  /** @param onToggle called with the index of a character that is clicked. */
  constructor(onToggle) {
    const by = (id) => document.getElementById(id);
    this.sheet = by("sheet");
    this.scroller = by("scroller");
    this.result = by("result");
    this.before = by("before");
    this.glow = by("glow");
    this.compare = by("compare");
    this.divider = by("divider");
    this.onToggle = onToggle;
    this.tool = "pick";
    this.radius = 24;
    this.zoom = 1;
    this.lit = -1;
    this.scene = null;
    this.#listen();
    new ResizeObserver(() => this.#fit()).observe(this.scroller);
  }

  /** Shows a picture that is done; the one of before may come and go. */
  async show(item, fresh) {
    this.item = item;
    const scene = await loadScene(item.layers, LONGEST);
    if (this.item !== item) return;
    this.scene = scene;
    for (const canvas of [this.result, this.before, this.glow]) {
      canvas.width = scene.width;
      canvas.height = scene.height;
    }
    this.before.getContext("2d").putImageData(new ImageData(new Uint8ClampedArray(scene.rgba), scene.width, scene.height), 0, 0);
    this.out = new ImageData(scene.width, scene.height);
    this.zoom = 1;
    this.lit = -1;
    this.#fit();
    this.paint();
    this.setCompare(0);
    if (fresh && !matchMedia("(prefers-reduced-motion: reduce)").matches) this.#reveal();
  }

  hide() {
    this.item = null;
    this.scene = null;
  }

  /** Works the result out anew: after a toggle, a slider, an undo. */
  paint() {
    const { scene, item } = this;
    if (!scene) return;
    const { alpha, rgba } = union(scene, item.off);
    this.rgba = rgba;
    this.alpha = edged(alpha, scene.width, scene.height, look.edge, scene.scale);
    this.bounds = item.strokes.length ? noStrokes(scene) : null;
    for (const stroke of item.strokes) draw(this.bounds, scene, stroke);
    this.#put({ left: 0, top: 0, right: scene.width, bottom: scene.height });
    this.#glow();
    this.paintBackground();
  }

  /** Once a frame, however often it is asked for. */
  paintSoon() {
    this.soon ??= requestAnimationFrame(() => {
      this.soon = null;
      this.paint();
    });
  }

  paintBackground() {
    const { background } = look;
    const plain = Array.isArray(background);
    this.sheet.classList.toggle("checker", background === null);
    this.sheet.style.backgroundColor = plain ? `rgb(${background.join(" ")})` : "";
    if (background === null || plain) {
      this.sheet.style.backgroundImage = "";
    } else if (background === "blur") {
      this.sheet.style.backgroundImage = `url(${this.#blurred()})`;
    } else {
      this.sheet.style.backgroundImage = `url(${background.url})`;
    }
  }

  light(index) {
    if (this.lit === index) return;
    this.lit = index;
    this.#glow();
    tell(this.item);
  }

  setTool(tool) {
    this.tool = tool;
    this.sheet.dataset.tool = tool;
    this.light(-1);
    this.#cursor();
  }

  setRadius(radius) {
    this.radius = radius;
    this.#cursor();
  }

  setZoom(zoom) {
    this.zoom = Math.min(8, Math.max(1, zoom));
    this.#fit();
  }

  setCompare(percent) {
    this.compare.value = percent;
    // At the ends the handle stays within reach, and its line goes.
    this.divider.style.left = `clamp(20px, ${percent}%, calc(100% - 20px))`;
    this.divider.classList.toggle("at-end", percent <= 0 || percent >= 100);
    this.before.style.clipPath = `inset(0 ${100 - percent}% 0 0)`;
  }

  #put(part) {
    const { scene, out } = this;
    write(out.data, this.rgba, this.alpha, this.bounds, scene.width, part);
    this.result.getContext("2d").putImageData(out, 0, 0, part.left, part.top, part.right - part.left, part.bottom - part.top);
  }

  #blurred() {
    if (this.blurOf !== this.scene) {
      const small = blurredWithout(this.scene, union(this.scene, new Set()).alpha);
      const canvas = document.createElement("canvas");
      canvas.width = small.width;
      canvas.height = small.height;
      canvas.getContext("2d").putImageData(new ImageData(small.rgba, small.width, small.height), 0, 0);
      this.blur = canvas.toDataURL();
      this.blurOf = this.scene;
    }
    return this.blur;
  }

  /** The character that the pointer or the keyboard is on, in its colour. */
  #glow() {
    const { scene, lit } = this;
    const context = this.glow.getContext("2d");
    context.clearRect(0, 0, this.glow.width, this.glow.height);
    if (!scene || lit < 0) return;
    const one = scene.people[lit];
    const tint = new OffscreenCanvas(one.width, one.height);
    const pixels = new ImageData(one.width, one.height);
    const [r, g, b] = GLOWS[lit % GLOWS.length].match(/\w\w/g).map((part) => parseInt(part, 16));
    for (let i = 0; i < one.alpha.length; i++) pixels.data.set([r, g, b, one.alpha[i]], 4 * i);
    tint.getContext("2d").putImageData(pixels, 0, 0);
    const line = Math.max(2, scene.width / 320);
    for (let k = 0; k < 16; k++) {
      const angle = (k * Math.PI) / 8;
      context.drawImage(tint, one.x + line * Math.cos(angle), one.y + line * Math.sin(angle));
    }
    context.globalCompositeOperation = "destination-out";
    context.drawImage(tint, one.x, one.y);
    context.globalCompositeOperation = "source-over";
    context.globalAlpha = 0.28;
    context.drawImage(tint, one.x, one.y);
    context.globalAlpha = 1;
  }

  #fit() {
    const { scene } = this;
    if (!scene) return;
    const room = this.scroller.getBoundingClientRect();
    const scale = Math.min((room.width - 2) / scene.width, (room.height - 2) / scene.height, 2);
    this.shown = Math.max(0.02, scale * this.zoom);
    this.sheet.style.width = `${scene.width * this.shown}px`;
    this.sheet.style.height = `${scene.height * this.shown}px`;
    this.#cursor();
  }

  #cursor() {
    if (this.tool === "pick" || !this.scene) {
      this.sheet.style.cursor = "";
      return;
    }
    const r = Math.min(60, Math.max(2, this.radius * this.scene.scale * this.shown));
    const size = Math.ceil(2 * r + 4);
    const ring = (colour, width) => `<circle cx='${size / 2}' cy='${size / 2}' r='${r}' fill='none' stroke='${colour}' stroke-width='${width}'/>`;
    const svg = `<svg xmlns='http://www.w3.org/2000/svg' width='${size}' height='${size}'>${ring("black", 3)}${ring("white", 1.5)}</svg>`;
    this.sheet.style.cursor = `url("data:image/svg+xml,${encodeURIComponent(svg)}") ${size / 2} ${size / 2}, crosshair`;
  }

  #reveal() {
    const start = performance.now();
    const step = (now) => {
      const share = Math.min(1, (now - start) / 1100);
      this.setCompare(100 * (1 - share) ** 3);
      if (share < 1 && !this.dragging) requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  }

  #listen() {
    this.compare.addEventListener("input", () => this.setCompare(Number(this.compare.value)));
    this.divider.addEventListener("pointerdown", (event) => {
      this.dragging = true;
      this.divider.setPointerCapture(event.pointerId);
      event.stopPropagation();
    });
    this.divider.addEventListener("pointermove", (event) => {
      if (!this.divider.hasPointerCapture(event.pointerId)) return;
      const { left, width } = this.sheet.getBoundingClientRect();
      this.setCompare(Math.min(100, Math.max(0, (100 * (event.clientX - left)) / width)));
    });
    this.divider.addEventListener("pointerup", () => { this.dragging = false; });
    this.sheet.addEventListener("pointermove", (event) => this.#move(event));
    this.sheet.addEventListener("pointerleave", () => this.scene && this.light(-1));
    this.sheet.addEventListener("pointerdown", (event) => this.#down(event));
    this.sheet.addEventListener("pointerup", () => this.#up());
    this.sheet.addEventListener("pointercancel", () => this.#up());
    this.sheet.addEventListener("wheel", (event) => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      this.setZoom(this.zoom * (event.deltaY < 0 ? 1.25 : 0.8));
    }, { passive: false });
  }

  /** Where an event is, in pixels of the scene. */
  #at(event) {
    const { left, top } = this.sheet.getBoundingClientRect();
    return [(event.clientX - left) / this.shown, (event.clientY - top) / this.shown];
  }

  #who(event) {
    const [x, y] = this.#at(event).map(Math.floor);
    let best = -1;
    let most = SOLID - 1;
    this.scene.people.forEach((one, index) => {
      const inside = x >= one.x && y >= one.y && x < one.x + one.width && y < one.y + one.height;
      const alpha = inside ? one.alpha[(y - one.y) * one.width + x - one.x] : 0;
      if (alpha > most) [best, most] = [index, alpha];
    });
    return best;
  }

  #down(event) {
    if (!this.scene || event.button !== 0) return;
    if (this.tool === "pick") {
      const index = this.#who(event);
      if (index >= 0) this.onToggle(index);
      return;
    }
    this.sheet.setPointerCapture(event.pointerId);
    this.stroke = { mode: this.tool, radius: this.radius, points: [] };
    this.item.strokes.push(this.stroke);
    this.item.undone = [];
    this.bounds ??= noStrokes(this.scene);
    this.#stroke(event);
  }

  #move(event) {
    if (!this.scene) return;
    if (this.stroke) {
      for (const one of event.getCoalescedEvents?.() ?? [event]) this.#stroke(one);
    } else if (this.tool === "pick" && event.pointerType !== "touch") {
      const index = this.#who(event);
      this.light(index);
      this.sheet.style.cursor = index < 0 ? "" : "pointer";
    }
  }

  #up() {
    if (!this.stroke) return;
    this.stroke = null;
    tell(this.item);
  }

  #stroke(event) {
    const points = this.stroke.points;
    for (const value of this.#at(event)) points.push(Math.round((4 * value) / this.scene.scale) / 4);
    this.#put(draw(this.bounds, this.scene, this.stroke, points.length / 2 - 1));
  }
}
