// One buyer in the queue: whose shop, who, the last words, how long still. A row is made once and mended, never rebuilt,
// so that it keeps the focus and does not flicker under the pointer.
import { el, shape } from "../shared/dom.js";
import { factsClock, key, others, ours, replyClock } from "./board.js";
import { setClock } from "./clock.js";

const part = (node, name) => node.querySelector(`.row-${name}`);
const MOODS = [["escalation", "escalation", "升级投诉"], ["complaining", "reference", "投诉风险"], ["urgent", "urgent", "加急"]];

/** The gravest thing about a buyer's mood as [shape, words]; null when there is nothing to say. */
export const moodOf = (tone) => MOODS.find(([flag]) => tone?.[flag])?.slice(1) ?? null;

/** Where a request for help stands, in a word; "" when there is none. */
export function helpOf(help) {
  if (!help) return "";
  if (Number.isFinite(help.answered_ms)) return "班长已答";
  return Number.isFinite(help.closed_ms) ? "" : "求助中"; // closed over it: nobody waits any more
}

export const colorOf = (shop) => (/^#[0-9a-f]{6}$/i.test(shop?.color) ? shop.color : "#4a5563");

export const colleague = (one) => one.agent_name || "同事";

/** The last words; of a colleague's chat they would be those of long ago, and the buyer no longer waits for them. */
function words(one) {
  if (!one.last || !ours(one)) return "";
  return `${one.last.speaker === "agent" ? `${others(one) ? colleague(one) : "我"}：` : ""}${one.last.text}`;
}

export function makeRow(one) {
  const button = el("button", { class: "row", type: "button", tabindex: "-1", data: { key: key(one) } },
    el("span", { class: "row-top" }, el("span", { class: "row-shop" }), el("span", { class: "row-buyer" }), el("span", { class: "grow" }), el("span", { class: "row-idle" }, "已回复"), el("span", { class: "clock" })),
    el("span", { class: "row-words" }, el("span", { class: "row-count" }), el("span", { class: "row-last" })),
    el("span", { class: "row-marks" }));
  return el("li", { class: "row-item" }, button);
}

function marks(one, { copied, fresh }) {
  const mood = moodOf(one.tone), help = helpOf(one.help), facts = replyClock(one) || !ours(one) ? null : factsClock(one);
  return [
    fresh ? el("span", { class: "chip chip-new" }, "新") : null,
    mood ? el("span", { class: `chip ${mood[0] === "escalation" ? "chip-bad" : mood[0] === "reference" ? "chip-warn" : ""}` }, shape(mood[0]), mood[1]) : null,
    help ? el("span", { class: `chip ${help === "求助中" ? "chip-warn" : "chip-ok"}` }, shape("help"), help) : null,
    facts ? el("span", { class: "chip" }, "关键信息待确认") : null,
    copied ? el("span", { class: "chip" }, "已复制，待发出") : null,
    others(one) ? el("span", { class: "chip" }, `${colleague(one)}在接`) : null,
  ].filter(Boolean);
}

export function mendRow(item, one, shop, more) {
  const button = item.firstElementChild, mine = ours(one);
  item.style.setProperty("--row", colorOf(shop));
  part(button, "shop").textContent = shop?.name ?? one.shop;
  part(button, "buyer").textContent = one.buyer;
  part(button, "last").textContent = words(one);
  part(button, "count").textContent = mine && one.unanswered > 1 ? `${one.unanswered} 句` : "";
  part(button, "idle").textContent = mine ? "已回复" : "";
  part(button, "marks").replaceChildren(...marks(one, more));
  const reply = mine ? replyClock(one) : null;
  setClock(button.querySelector(".clock"), reply);
  button.classList.toggle("row-quiet", !reply);
  if (more.current) button.setAttribute("aria-current", "true"); else button.removeAttribute("aria-current");
}
