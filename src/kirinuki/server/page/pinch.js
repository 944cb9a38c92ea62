// Two fingers on the picture: they zoom and move it. One finger is left to others.

/** @param on {start(), move(factor, [x, y], [dx, dy])}: start when a second finger comes; then how
 *   much further apart they are, where their middle is and how far it went, in client pixels. */
export function listenToPinch(element, on) {
  const fingers = new Map(); // pointer id → [x, y]
  element.addEventListener("touchstart", (event) => {
    if (event.touches.length > 1) event.preventDefault(); // the browser would scroll with them
  }, { passive: false });
  element.addEventListener("pointerdown", (event) => {
    if (event.pointerType !== "touch") return;
    fingers.set(event.pointerId, [event.clientX, event.clientY]);
    if (fingers.size === 2) on.start();
  });
  element.addEventListener("pointermove", (event) => {
    if (!fingers.has(event.pointerId)) return;
    const before = spread(fingers);
    fingers.set(event.pointerId, [event.clientX, event.clientY]);
    if (fingers.size !== 2) return;
    const now = spread(fingers);
    const moved = now.middle.map((value, axis) => value - before.middle[axis]);
    on.move(now.apart / Math.max(1, before.apart), now.middle, moved);
  });
  for (const end of ["pointerup", "pointercancel"]) {
    element.addEventListener(end, (event) => fingers.delete(event.pointerId));
  }
}

/** How far apart two fingers are, and their middle. */
function spread(fingers) {
  const [[ax, ay], [bx, by] = [ax, ay]] = [...fingers.values()];
  return { apart: Math.hypot(ax - bx, ay - by), middle: [(ax + bx) / 2, (ay + by) / 2] };
}
