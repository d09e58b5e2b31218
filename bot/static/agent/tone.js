// The buyer's mood above the answers: what to be careful about, in one line, before the first one is read.
import { $, el, shape } from "../shared/dom.js";

/** One flag: its shape, its name and why. The reasons are the server's own words, never the buyer's. */
function flag(icon, chip, name, reason) {
  return [el("span", { class: `chip ${chip}` }, shape(icon), name), el("span", { class: "tone-why", title: reason ?? "" }, reason ?? "")];
}

export function drawTone(tone) {
  const why = (code) => tone.reasons.find((reason) => reason.code === code)?.text;
  const flags = [];
  if (tone?.escalation) flags.push(...flag("escalation", "chip-bad", "升级投诉", why("escalation")));
  else if (tone?.complaining) flags.push(...flag("reference", "chip-warn", "投诉风险", why("complaint")));
  if (tone?.urgent) flags.push(...flag("urgent", "", "加急", why("urgent")));
  $("tone").replaceChildren(...flags);
}
