// The picture under work: result, before/after, what the pointer is on, brush and zoom.

import { Compare } from "./compare.js";
import { paintGlow } from "./glow.js";
import { look, tell } from "./items.js";
import { listenToPan } from "./pan.js";
import { listenToPinch } from "./pinch.js";
import { blurredWithout, draw, edged, noStrokes, union, write } from "./pixels.js";
import { loadScene } from "./scene.js";

const LONGEST = 1600; // pixels at which it is worked on in the page; results are made at full size
const SOLID = 64; // alpha from which a character is under the pointer
const CLICK = 6; // client pixels that a pointer may move while it clicks
export const MOST_ZOOM = 8;

export class Stage {
  /** @param onToggle called with the index of a character that is clicked. */
  constructor(onToggle) {
    const by = (id) => document.getElementById(id);
    this.sheet = by("sheet");
    this.scroller = by("scroller");
    this.result = by("result");
    this.before = by("before");
    this.ghost = by("ghost"); // the picture, faint, while something may be brought back
    this.glow = by("glow");
    this.ring = by("ring");
    this.compare = new Compare(this.sheet);
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
    this.stroke = null;
    const scene = await loadScene(item.layers, LONGEST);
    if (this.item !== item) return;
    this.scene = scene;
    for (const canvas of [this.ghost, this.result, this.before, this.glow]) {
      canvas.width = scene.width;
      canvas.height = scene.height;
    }
    const whole = new ImageData(new Uint8ClampedArray(scene.rgba), scene.width, scene.height);
    for (const canvas of [this.ghost, this.before]) canvas.getContext("2d").putImageData(whole, 0, 0);
    this.sheet.classList.toggle("nobody", scene.people.length === 0);
    this.out = new ImageData(scene.width, scene.height);
    this.zoom = 1;
    this.lit = -1;
    this.#fit();
    this.paint();
    this.compare.set(0);
    if (fresh && !matchMedia("(prefers-reduced-motion: reduce)").matches) this.compare.reveal();
  }

  hide() {
    this.item = null;
    this.stroke = null;
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
    paintGlow(this.glow, scene, this.lit);
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
    paintGlow(this.glow, this.scene, index);
    tell(this.item);
  }

  setTool(tool) {
    this.tool = tool;
    this.sheet.dataset.tool = tool;
    this.sheet.style.cursor = "";
    this.ring.hidden = true;
    this.light(-1);
  }

  setRadius(radius) {
    this.radius = radius;
    this.#fitRing();
  }

  /** @param about what stays where it is, in client pixels; the middle of what is seen if not given. */
  setZoom(zoom, about = this.#middle()) {
    if (!this.scene) return;
    const place = this.#at(about);
    this.zoom = Math.min(MOST_ZOOM, Math.max(1, zoom));
    this.#fit();
    const { left, top } = this.sheet.getBoundingClientRect();
    this.scroller.scrollLeft += left + place[0] * this.shown - about[0];
    this.scroller.scrollTop += top + place[1] * this.shown - about[1];
    if (this.item) tell(this.item);
  }

  #middle() {
    const { left, top, width, height } = this.scroller.getBoundingClientRect();
    return [left + width / 2, top + height / 2];
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

  #fit() {
    const { scene } = this;
    if (!scene) return;
    const room = this.scroller.getBoundingClientRect();
    const scale = Math.min((room.width - 2) / scene.width, (room.height - 2) / scene.height, 2);
    this.shown = Math.max(0.02, scale * this.zoom);
    this.sheet.style.width = `${scene.width * this.shown}px`;
    this.sheet.style.height = `${scene.height * this.shown}px`;
    this.#fitRing();
  }

  /** The ring is what the brush covers. */
  #fitRing() {
    if (this.scene) this.ring.style.width = `${2 * this.radius * this.scene.scale * this.shown}px`;
  }

  #moveRing(event) {
    const [x, y] = this.#at([event.clientX, event.clientY]);
    this.ring.style.translate = `calc(${x * this.shown}px - 50%) calc(${y * this.shown}px - 50%)`;
    this.ring.hidden = this.tool === "pick";
  }

  #listen() {
    listenToPinch(this.sheet, {
      start: () => this.#giveUp(),
      move: (factor, middle, [dx, dy]) => {
        this.scroller.scrollBy(-dx, -dy);
        this.setZoom(this.zoom * factor, middle);
      },
    });
    listenToPan(this.sheet, () => this.tool === "pick" && this.zoom > 1, ([dx, dy]) => this.scroller.scrollBy(-dx, -dy));
    this.sheet.addEventListener("pointermove", (event) => this.#move(event));
    this.sheet.addEventListener("pointerleave", () => this.#leave());
    this.sheet.addEventListener("pointerdown", (event) => this.#down(event));
    this.sheet.addEventListener("click", (event) => this.#click(event));
    this.sheet.addEventListener("pointerup", () => this.#up());
    this.sheet.addEventListener("pointercancel", () => this.#giveUp());
    this.sheet.addEventListener("wheel", (event) => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      this.setZoom(this.zoom * (event.deltaY < 0 ? 1.25 : 0.8), [event.clientX, event.clientY]);
    }, { passive: false });
  }

  /** Where client pixels are, in pixels of the scene. */
  #at([x, y]) {
    const { left, top } = this.sheet.getBoundingClientRect();
    return [(x - left) / this.shown, (y - top) / this.shown];
  }

  #who(event) {
    const [x, y] = this.#at([event.clientX, event.clientY]).map(Math.floor);
    let best = -1;
    let most = SOLID - 1;
    this.scene.people.forEach((one, index) => {
      const inside = x >= one.x && y >= one.y && x < one.x + one.width && y < one.y + one.height;
      const alpha = inside ? one.alpha[(y - one.y) * one.width + x - one.x] : 0;
      if (alpha > most) [best, most] = [index, alpha];
    });
    return best;
  }

  #click(event) {
    if (!this.scene || this.tool !== "pick") return;
    if (!this.pressed) return; // it was a drag
    const index = this.#who(event);
    if (index >= 0) this.onToggle(index);
  }

  #down(event) {
    this.pressed = [event.clientX, event.clientY];
    if (!this.scene || event.button !== 0 || this.tool === "pick" || !event.isPrimary) return;
    this.sheet.setPointerCapture(event.pointerId);
    this.stroke = { mode: this.tool, radius: this.radius, points: [] };
    this.undone = this.item.undone;
    this.item.strokes.push(this.stroke);
    this.item.undone = [];
    this.bounds ??= noStrokes(this.scene);
    this.#moveRing(event);
    this.#stroke(event);
  }

  #move(event) {
    if (!this.scene) return;
    if (this.pressed && Math.hypot(event.clientX - this.pressed[0], event.clientY - this.pressed[1]) > CLICK) this.pressed = null;
    if (this.tool !== "pick" && event.isPrimary) this.#moveRing(event);
    if (this.stroke) {
      if (!event.isPrimary) return;
      for (const one of event.getCoalescedEvents?.() ?? [event]) this.#stroke(one);
    } else if (this.tool === "pick" && event.pointerType !== "touch") {
      const index = this.#who(event);
      this.light(index);
      this.sheet.style.cursor = index >= 0 ? "pointer" : this.zoom > 1 ? "grab" : "";
    }
  }

  #leave() {
    this.ring.hidden = true;
    if (this.scene) this.light(-1);
  }

  #up() {
    if (!this.stroke) return;
    this.stroke = null;
    tell(this.item);
  }

  /** The stroke under way was none: a second finger came, or the system took the first. */
  #giveUp() {
    this.ring.hidden = true;
    if (!this.stroke) return;
    this.stroke = null;
    this.item.strokes.pop();
    this.item.undone = this.undone;
    this.paint();
    tell(this.item);
  }

  #stroke(event) {
    const points = this.stroke.points;
    for (const value of this.#at([event.clientX, event.clientY])) points.push(Math.round((4 * value) / this.scene.scale) / 4);
    this.#put(draw(this.bounds, this.scene, this.stroke, points.length / 2 - 1));
  }
}
