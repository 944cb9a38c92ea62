// The page: wires what users do to what is done. See items.js for the state, stage.js for the picture.

import { able, busy } from "./buttons.js";
import { kindShown, markCast, othersThan, showCast } from "./cast.js";
import { listenToDrops } from "./drops.js";
import { onLanguage, switchLanguage, t, translate } from "./i18n.js";
import { again, changes, drop, filmOf, items, look, makeFilm, setLimits, take, tell } from "./items.js";
import { pointsOf } from "./points.js";
import { layersFile, model, reach } from "./server.js";
import { MOST_ZOOM, Stage } from "./stage.js";
import { showStrip } from "./strip.js";
import { copyPicture, saveAll, saveBlob, saveEach, savePicture } from "./takeaway.js";
import { switchTheme } from "./theme.js";
import { wordsFor } from "./trouble.js";

const by = (id) => document.getElementById(id);
const COPIED = 1800; // milliseconds in which it is said
const LAYERS = { "image/vnd.adobe.photoshop": ["PSD", ".psd"], "image/openraster": ["OpenRaster", ".ora"] };

let current = null;
let shown = null; // what stage and cast are made for
let ready = null; // what they show: a large picture takes a while
let layersType = "";
const stage = new Stage(toggle);

// ------------------------------------------------------------------ what is shown

function say(words) {
  by("said").textContent = words;
}

function banner(words) {
  by("banner-words").textContent = words;
  by("banner").hidden = !words;
}

async function refresh() {
  document.body.dataset.view = items.length ? "work" : "empty";
  if (!items.includes(current)) current = items[0] ?? null;
  showStrip(by("strip"), items, current, { choose, remove });
  by("save-all").hidden = items.filter((item) => !item.moves).length < 2;
  if (!current) {
    stage.hide();
    shown = null;
    return;
  }
  document.body.dataset.media = current.moves ? "video" : "picture";
  document.body.dataset.state = current.state;
  showWorking();
  by("failed").hidden = current.state !== "failed";
  if (current.state === "failed") showProblem();
  const done = current.state === "done";
  by("sheet").hidden = !done || current.moves;
  by("film").hidden = !done || !current.moves;
  document.querySelector(".panel").inert = !done;
  if (!done) showNobody();
  if (done && shown !== current) await showDone(current);
  if (done && shown === current) showChoices();
}

function showProblem() {
  const { problem, name, moves } = current;
  by("failed-name").textContent = name;
  by("failed-text").textContent = wordsFor(problem, moves);
  by("failed-said").textContent = problem.said ?? "";
  by("again").hidden = problem.final === true;
}

function showNobody() {
  shown = ready = null;
  stage.hide();
  by("cast").replaceChildren();
  by("count").textContent = "";
  by("nobody").hidden = true;
}

async function showDone(item) {
  shown = item;
  const fresh = !item.seen;
  item.seen = true;
  if (item.moves) stage.hide();
  else await stage.show(item, fresh);
  if (shown !== item) return;
  ready = item;
  showWorking();
  showCast(by("cast"), item, stage.scene, { toggle, light: (index) => stage.scene && stage.light(index) });
  if (fresh) say(t("found", { name: item.name, count: item.layers.told.instances.length }));
}

function showChoices() {
  const people = current.layers.told.instances;
  markCast(by("cast"), current, stage.lit);
  by("count").textContent = people.length ? t("of", { on: people.length - current.off.size, count: people.length }) : "";
  by("nobody").hidden = people.length > 0;
  by("cast-hint").hidden = by("kinds").hidden = people.length === 0;
  const kind = kindShown(current);
  for (const button of by("kinds").children) {
    const mine = button.dataset.kind;
    button.setAttribute("aria-pressed", String(mine === kind));
    button.disabled = mine !== "all" && !people.some((one) => one.kind === mine);
  }
  const nobody = current.off.size === people.length;
  able(by("undo"), current.strokes.length > 0);
  able(by("redo"), current.undone.length > 0);
  able(by("zoom-out"), stage.zoom > 1);
  able(by("zoom-in"), stage.zoom < MOST_ZOOM);
  for (const id of ["save", "copy"]) able(by(id), !nobody || current.strokes.length > 0);
  for (const id of ["save-each", "save-layers"]) able(by(id), !nobody);
  by("psd-hint").hidden = !layersType || nobody || !changed(); // above the buttons: they stay in place
  by("notes").textContent = current.layers.told.notes.join("; ");
  if (current.moves) showFilm();
}

/** Whether something is done to the picture that a file of layers does not have. */
function changed() {
  return current.strokes.length > 0 || look.background !== null || Object.values(look.edge).some(Boolean);
}

function showWorking() {
  const { state, progress } = current;
  const opening = state === "done" && ready !== current;
  const working = ["waiting", "looking", "busy"].includes(state) || progress !== null || opening;
  by("working").hidden = !working;
  by("working-bar").hidden = progress === null;
  for (const [id, moves] of [["working-picture", false], ["working-film", true]]) {
    by(id).hidden = current.moves !== moves;
    if (working && current.moves === moves && by(id).src !== current.thumbnail) by(id).src = current.thumbnail;
  }
  by("working-text").textContent = progress?.total ? t("frames", progress) : t(progress ? "making" : opening ? "looking" : state);
  if (progress?.total) by("working-bar").value = progress.done / progress.total;
}

function showFilm() {
  const film = filmOf(current);
  const url = film.shown === "made" ? film.made.url : film.overlay;
  const video = by("video");
  const [height, width] = current.layers.told.size;
  video.parentElement.style.setProperty("--shape", width / height);
  video.parentElement.classList.toggle("checker", film.shown === "made"); // an overlay covers all
  if (video.src !== url) {
    video.src = url;
    video.play().catch(() => {}); // a browser that does not start videos by itself
  }
  able(by("save-video"), film.made !== null);
  able(by("show-ids"), film.shown === "made");
  able(by("make-video"), current.progress === null && current.off.size < current.layers.told.instances.length);
}

// ------------------------------------------------------------------ what users do

function bringIn(files) {
  const kept = [...files].filter((file) => file.size > 0 || file.name);
  if (kept.length === 0) return;
  if (!layersType) learn();
  const fresh = take(kept, (most) => t("tooLarge", { most }));
  if (!current || current.state === "failed" || fresh.length) choose(fresh[0]);
  keepPlace();
}

/** What was pressed may be gone: the keyboard goes on at a picture, or where they come in. */
function keepPlace(tile = by("strip").querySelector("[aria-pressed=true]")) {
  for (const one of [tile, by("add"), by("pick")]) {
    const { activeElement: place, body } = document;
    if (place === body || !place.checkVisibility()) one?.focus({ preventScroll: true });
  }
}

function choose(item) {
  current = item;
  refresh();
}

function remove(item) {
  const place = items.indexOf(item);
  if (item === current) current = items[place + 1] ?? items[place - 1] ?? null;
  drop(item);
  say(t("removed"));
  const tiles = by("strip").querySelectorAll(".tile-choice");
  keepPlace(tiles[Math.min(place, tiles.length - 1)]);
}

function toggle(index) {
  if (!current.off.delete(index)) current.off.add(index);
  stage.paint();
  const { id } = current.layers.told.instances[index];
  say(`${t("character", { id })}: ${t(current.off.has(index) ? "left" : "inIt")}`);
  tell(current);
}

function chooseKind(kind) {
  current.off = othersThan(current, kind);
  stage.paint();
  tell(current);
}

function chooseTool(tool) {
  stage.setTool(tool);
  for (const button of document.querySelectorAll("button[data-tool]")) {
    button.setAttribute("aria-pressed", String(button.dataset.tool === tool));
  }
  document.querySelector(".brush-size").hidden = tool === "pick";
}

function undo(from, to) {
  if (!current?.[from].length || stage.stroke) return;
  current[to].push(current[from].pop());
  stage.paint();
  tell(current);
}

function chooseBackground(background, marked) {
  banner(""); // what it said of another one
  look.background = background;
  for (const one of by("backgrounds").querySelectorAll("button")) one.setAttribute("aria-pressed", String(one === marked));
  for (const one of by("backgrounds").querySelectorAll("label")) one.classList.toggle("chosen", one === marked);
  if (stage.scene) stage.paintBackground();
  if (current?.state === "done") showChoices();
}

const rgb = (hex) => hex.match(/\w\w/g).map((part) => parseInt(part, 16));

function slide(name) {
  const value = Number(by(name).value);
  look.edge[name] = value;
  by(`${name}-said`).textContent = name === "grow" && value > 0 ? `+${value}` : value;
  if (current?.state === "done") showChoices();
  by("edge-reset").hidden = Object.values(look.edge).every((one) => one === 0);
  stage.paintSoon();
}

/** Has work done whose button is busy meanwhile, and says what it returns, or what went wrong. */
async function have(button, work) {
  banner("");
  try {
    banner((await busy(by(button), work)) ?? "");
  } catch (error) {
    if (error.name !== "AbortError") banner([wordsFor(error, current?.moves), error.said].filter(Boolean).join(" "));
  }
  refresh();
}

const finished = () => items.filter((item) => item.state === "done" && !item.moves);

function listen() {
  for (const id of ["add", "pick"]) by(id).addEventListener("click", () => by("files").click());
  by("files").addEventListener("change", () => {
    bringIn(by("files").files);
    by("files").value = "";
  });
  by("example").addEventListener("click", async () => {
    const answer = await fetch("example.webp");
    bringIn([new File([await answer.blob()], "example.webp", { type: "image/webp" })]);
  });
  by("language").addEventListener("click", switchLanguage);
  by("theme").addEventListener("click", switchTheme);
  by("again").addEventListener("click", () => {
    again(current);
    keepPlace();
  });
  by("banner-close").addEventListener("click", () => banner(""));
  addEventListener("beforeunload", (event) => {
    if (items.some((item) => item.strokes.length)) event.preventDefault(); // a brush's work is asked for
  });
  by("remove").addEventListener("click", () => remove(current));
  for (const button of by("kinds").children) button.addEventListener("click", () => chooseKind(button.dataset.kind));
  for (const button of document.querySelectorAll("button[data-tool]")) button.addEventListener("click", () => chooseTool(button.dataset.tool));
  by("brush").addEventListener("input", () => stage.setRadius(Number(by("brush").value)));
  by("undo").addEventListener("click", () => undo("strokes", "undone"));
  by("redo").addEventListener("click", () => undo("undone", "strokes"));
  by("zoom-in").addEventListener("click", () => stage.setZoom(stage.zoom * 1.5));
  by("zoom-out").addEventListener("click", () => stage.setZoom(stage.zoom / 1.5));
  for (const name of ["grow", "soften", "harden"]) by(name).addEventListener("input", () => slide(name));
  by("edge-reset").addEventListener("click", () => {
    for (const name of ["grow", "soften", "harden"]) {
      by(name).value = 0;
      slide(name);
    }
    by("grow").focus(); // this button is gone
  });
  listenToBackgrounds();
  listenToTakeaway();
  listenToDrops(bringIn);
  document.addEventListener("keydown", shortcut);
}

function listenToBackgrounds() {
  for (const swatch of by("backgrounds").querySelectorAll("[data-background]")) {
    const kind = swatch.dataset.background;
    const background = kind === "none" ? null : kind === "blur" ? "blur" : rgb(kind);
    swatch.addEventListener("click", () => chooseBackground(background, swatch));
  }
  const own = () => chooseBackground(rgb(by("colour").value), by("colour").parentElement);
  by("colour").addEventListener("input", own);
  by("colour").addEventListener("click", own);
  by("back-picture").addEventListener("change", async () => {
    const [blob] = by("back-picture").files;
    if (!blob) return;
    try {
      (await createImageBitmap(blob)).close();
      chooseBackground({ blob, url: URL.createObjectURL(blob) }, by("back-picture").parentElement);
    } catch {
      banner(`${blob.name}: ${t("notPicture")}`);
    }
  });
}

function listenToTakeaway() {
  by("save").addEventListener("click", () => have("save", () => savePicture(current)));
  by("save-each").addEventListener("click", () => have("save-each", () => saveEach(current)));
  by("save-all").addEventListener("click", () => have("save-all", () => saveAll(finished())));
  by("copy").addEventListener("click", () => have("copy", async () => {
    if (!navigator.clipboard?.write) throw new Error(t("noCopy"));
    await copyPicture(current);
    say(t("copied"));
    by("copy-name").textContent = t("copied");
    setTimeout(() => { by("copy-name").textContent = t("copy"); }, COPIED);
  }));
  by("save-layers").addEventListener("click", () => have("save-layers", () => saveLayers(current)));
  by("make-video").addEventListener("click", () => have("make-video", async () => {
    say(t("making"));
    await makeFilm(current);
    say(t("made"));
  }));
  by("save-video").addEventListener("click", () => saveBlob(current, filmOf(current).made.blob, "_cutout.webm"));
  by("show-ids").addEventListener("click", () => {
    current.film.shown = "overlay";
    refresh();
  });
}

/** Returns what is to be said of it. */
async function saveLayers(item) {
  const people = item.layers.told.instances;
  const stay = [...people.keys()].filter((index) => !item.off.has(index));
  const windows = people.map((one) => one.window);
  const at = item.off.size ? pointsOf(stage.scene, windows, stay) : [];
  saveBlob(item, await layersFile(item.file, layersType, at ?? []), LAYERS[layersType][1]);
  return at === null ? t("psdEveryone") : "";
}

function shortcut(event) {
  if (event.target.matches("input:not([type=range]), dialog *") || !current) return;
  const key = event.key.toLowerCase();
  if ((event.ctrlKey || event.metaKey) && key === "z") {
    event.preventDefault();
    undo(...(event.shiftKey ? ["undone", "strokes"] : ["strokes", "undone"]));
  } else if (event.ctrlKey || event.metaKey || event.altKey || current.state !== "done") {
    return;
  } else if ({ v: 1, b: 1, e: 1 }[key] && !current.moves) {
    chooseTool({ v: "pick", b: "add", e: "erase" }[key]);
  } else if (/^[1-9]$/.test(key) && Number(key) <= current.layers.told.instances.length) {
    toggle(Number(key) - 1);
  } else if (key === "[" || key === "]") {
    by("brush").value = stage.radius * (key === "]" ? 1.25 : 0.8);
    stage.setRadius(Number(by("brush").value));
  }
}

// ------------------------------------------------------------------ begin

/** What the server takes and makes; without a token it does not say. */
async function learn() {
  try {
    const facts = await model();
    setLimits(facts.limits);
    layersType = Object.keys(LAYERS).find((type) => facts.answers.picture.includes(type)) ?? "";
    by("save-layers").hidden = !layersType;
    if (layersType) by("layers-name").textContent = LAYERS[layersType][0];
    banner("");
  } catch (error) {
    banner(wordsFor(error));
  }
}

changes.addEventListener("change", (event) => {
  if (event.detail === null || event.detail === current || event.detail.seen === undefined) refresh();
});
onLanguage(() => {
  shown = null;
  refresh();
});
reach.addEventListener("gone", () => banner(t("gone")));
reach.addEventListener("here", () => {
  if (by("banner-words").textContent === t("gone")) banner("");
});
listen();
chooseTool("pick");
translate();
await learn();
document.documentElement.dataset.ready = "";
