// A mouse that drags: the middle button always, the left one where `may` says so.

/** @param may whether the left button moves the picture now.
 *  @param move called with how far the pointer went, [dx, dy] in client pixels. */
export function listenToPan(element, may, move) {
  let last = null;
  element.addEventListener("pointerdown", (event) => {
    if (event.pointerType !== "mouse") return;
    if (event.button !== 1 && !(event.button === 0 && may())) return;
    if (event.button === 1) event.preventDefault(); // the browser would scroll by itself
    last = [event.clientX, event.clientY];
    element.setPointerCapture(event.pointerId);
  });
  element.addEventListener("pointermove", (event) => {
    if (last === null) return;
    const here = [event.clientX, event.clientY];
    move(here.map((value, axis) => value - last[axis]));
    last = here;
  });
  for (const end of ["pointerup", "pointercancel"]) {
    element.addEventListener(end, () => { last = null; });
  }
}
