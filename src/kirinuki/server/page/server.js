// What the page asks of its server. Waits and asks again where the server says so, or is gone.

const MOST_TRIES = 40;
let token = sessionStorage.getItem("kirinuki.token") ?? "";

/** What went wrong: in words of the page (i18n.js), and in the server's, which are English.
 * final: whether trying again cannot help. */
export class Refusal extends Error {
  constructor(key, said = "", final = false) {
    super(said || key);
    Object.assign(this, { key, said, final });
  }
}

/** Called when the server does not answer, and when it does again. */
export const reach = new EventTarget();

/** What the model and the limits are. */
export async function model() {
  return (await ask("v1/model", {})).json();
}

/** The layers of a picture: {told, picture, alphas, colours}.
 * @param note called with "sending", "looking" or "busy". */
export async function cutPicture(file, note, signal) {
  const answer = await post(file, "multipart/form-data", {}, note, signal);
  const parts = await answer.formData();
  const told = JSON.parse(await parts.get("instances").text());
  const layer = (name) => told.instances.map((one) => parts.get(`${name}-${one.id}`));
  return { told, picture: parts.get("picture"), alphas: layer("alpha"), colours: layer("colours") };
}

/** A file of layers of a picture, as a blob. @param at "X,Y" of each who is in it; none is everyone */
export async function layersFile(file, type, at) {
  return (await post(file, type, { at }, () => {})).blob();
}

/** A video cut: {instances, files: [{name, blob}]}. @param onFrame called with frames done and all. */
export async function cutVideo(file, fields, note, onFrame, signal) {
  const answer = await post(file, "application/x-ndjson", fields, note, signal);
  const last = await lastOf(answer.body, onFrame, signal);
  const files = last.files.map(({ name, content }) => ({ name, blob: unpacked(name, content) }));
  return { told: last, files };
}

/** The last line of an answer, which has the files. */
async function lastOf(body, onFrame, signal) {
  try {
    for await (const line of linesOf(body)) {
      const told = JSON.parse(line);
      if (told.problem) throw refusalOf(told.problem.status, told.problem.detail);
      if (told.files !== undefined) return told;
      onFrame(told.frames, told.total);
    }
  } catch (error) {
    if (error instanceof Refusal || signal?.aborted) throw error;
  }
  throw new Refusal("brokeOff");
}

function unpacked(name, content) {
  const type = name.endsWith(".webm") ? "video/webm" : name.endsWith(".json") ? "application/json" : "video/mp4";
  return new Blob([Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0))], { type });
}

async function* linesOf(stream) {
  let rest = "";
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    const lines = (rest + part.value).split("\n");
    rest = lines.pop();
    yield* lines;
  }
}

function post(file, accept, fields, note, signal) {
  const body = new FormData();
  body.append("file", file, "file");
  for (const [name, values] of Object.entries(fields)) {
    for (const value of [values].flat()) body.append(name, value);
  }
  note("looking");
  return ask("v1/cut", { method: "POST", body, headers: { Accept: accept }, signal }, note);
}

async function ask(place, request, note = () => {}) {
  for (let tries = 0; ; tries++) {
    const sent = token;
    const headers = { ...request.headers, ...(sent ? { Authorization: `Bearer ${latin(sent)}` } : {}) };
    let answer;
    try {
      answer = await fetch(place, { ...request, headers });
    } catch (error) {
      if (request.signal?.aborted) throw error;
      if (tries >= MOST_TRIES) throw new Refusal("brokeOff");
      reach.dispatchEvent(new Event("gone"));
      await pause(Math.min(5, 1 + tries));
      continue;
    }
    reach.dispatchEvent(new Event("here"));
    if (answer.ok) return answer;
    if (answer.status === 401) {
      if (sent === token) await askToken(sent !== ""); // else another request has asked meanwhile
    } else if ((answer.status === 429 || answer.status === 503) && tries < MOST_TRIES) {
      note("busy");
      await pause(Number(answer.headers.get("Retry-After") ?? 2));
    } else {
      throw refusalOf(answer.status, await wordsOf(answer));
    }
  }
}

function refusalOf(status, said) {
  const final = status >= 400 && status < 500 && ![401, 408, 429].includes(status);
  return new Refusal(final ? "refused" : "failedThere", said, final);
}

/** A text whose letters are the bytes of its UTF-8: headers take no others. */
function latin(text) {
  return String.fromCharCode(...new TextEncoder().encode(text));
}

async function wordsOf(answer) {
  try {
    return (await answer.json()).detail;
  } catch {
    return `${answer.status} ${answer.statusText}`;
  }
}

function pause(seconds) {
  return new Promise((done) => setTimeout(done, 1000 * seconds));
}

let asking = null;

/** Asks for a token, once for all who wait for one. @param wrong whether the last one was. */
function askToken(wrong) {
  asking ??= new Promise((done, failed) => {
    const dialog = document.getElementById("ask-token");
    const field = document.getElementById("token");
    document.getElementById("token-wrong").hidden = !wrong;
    dialog.returnValue = "";
    dialog.showModal();
    dialog.addEventListener("close", () => {
      asking = null;
      const given = field.value.trim();
      field.value = "";
      if (dialog.returnValue !== "ok") return failed(new Refusal("locked"));
      token = given;
      sessionStorage.setItem("kirinuki.token", token);
      done();
    }, { once: true });
  });
  return asking;
}
