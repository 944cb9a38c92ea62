// Dark or light: as the system says, until users choose.

const { dataset } = document.documentElement;
const chosen = localStorage.getItem("kirinuki.theme");
if (chosen) dataset.theme = chosen;

export function switchTheme() {
  const now = dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  dataset.theme = now === "dark" ? "light" : "dark";
  localStorage.setItem("kirinuki.theme", dataset.theme);
}
