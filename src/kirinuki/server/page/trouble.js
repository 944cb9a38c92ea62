// What went wrong, in the language of the page. The server's own words, `said`, are English.

import { t } from "./i18n.js";
import { limits } from "./items.js";

/** @param error a `Refusal`, or another error
 * @param moves whether it is about a video */
export function wordsFor({ key, message }, moves) {
  if (key === undefined) return message;
  if (!key) return "";
  const holes = limits && { megapixels: Math.floor(limits.pixels / 1e6), frames: limits.frames };
  return t(key === "refused" && moves ? "refusedVideo" : key, holes ?? { megapixels: "?", frames: "?" });
}
