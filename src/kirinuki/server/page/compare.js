// Before and after: a line that is dragged over the picture, or moved by a slider for the keyboard.

const REVEAL = 1100; // milliseconds in which a new result comes into sight

export class Compare {
  constructor(sheet) {
    const by = (id) => document.getElementById(id);
    this.sheet = sheet;
    this.before = by("before");
    this.slider = by("compare");
    this.divider = by("divider");
    this.#listen();
  }

  /** How much of the width shows the picture as it was, 0 to 100. */
  set(percent) {
    this.slider.value = percent;
    // At the ends the handle stays within reach, and its line goes.
    this.divider.style.left = `clamp(20px, ${percent}%, calc(100% - 20px))`;
    this.divider.classList.toggle("at-end", percent <= 0 || percent >= 100);
    this.before.style.clipPath = `inset(0 ${100 - percent}% 0 0)`;
  }

  reveal() {
    const start = performance.now();
    const step = (now) => {
      const share = Math.min(1, (now - start) / REVEAL);
      this.set(100 * (1 - share) ** 3);
      if (share < 1 && !this.dragging) requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  }

  #listen() {
    const { divider, slider } = this;
    slider.addEventListener("input", () => this.set(Number(slider.value)));
    divider.addEventListener("click", (event) => event.stopPropagation());
    divider.addEventListener("pointerdown", (event) => {
      this.dragging = true;
      divider.setPointerCapture(event.pointerId);
      event.stopPropagation();
    });
    divider.addEventListener("pointermove", (event) => {
      if (!divider.hasPointerCapture(event.pointerId)) return;
      const { left, width } = this.sheet.getBoundingClientRect();
      this.set(Math.min(100, Math.max(0, (100 * (event.clientX - left)) / width)));
    });
    divider.addEventListener("pointerup", () => { this.dragging = false; });
  }
}
