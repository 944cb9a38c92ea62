// Buttons that cannot be pressed just now keep the keyboard's place: `disabled` would lose it.

/** Whether a button can be pressed. */
export function able(button, can) {
  button.setAttribute("aria-disabled", String(!can));
}

/** Does something that takes a while, with its button busy: pressed again it does nothing. */
export async function busy(button, work) {
  button.classList.add("busy");
  button.setAttribute("aria-busy", "true");
  try {
    return await work();
  } finally {
    button.classList.remove("busy");
    button.removeAttribute("aria-busy");
  }
}

document.addEventListener("click", (event) => {
  if (!event.target.closest?.("[aria-disabled=true], [aria-busy=true]")) return;
  event.preventDefault();
  event.stopImmediatePropagation();
}, true);
