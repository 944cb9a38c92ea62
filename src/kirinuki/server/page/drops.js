// Files that are dragged over the page, dropped or pasted.

/** @param onFiles called with a list of files. */
export function listenToDrops(onFiles) {
  let inside = 0;
  const holds = (event) => event.dataTransfer?.types.includes("Files");
  addEventListener("dragenter", (event) => {
    if (!holds(event)) return;
    inside++;
    document.body.classList.add("dragging");
  });
  addEventListener("dragleave", (event) => {
    if (holds(event) && --inside <= 0) document.body.classList.remove("dragging");
  });
  addEventListener("dragover", (event) => event.preventDefault());
  addEventListener("drop", (event) => {
    event.preventDefault();
    inside = 0;
    document.body.classList.remove("dragging");
    onFiles(event.dataTransfer.files);
  });
  addEventListener("paste", (event) => onFiles(event.clipboardData?.files ?? []));
}
