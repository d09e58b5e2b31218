// A span that must end in time, in words, shape and colour: thirds of it are calm, soon, now — of 30 seconds 10, 20, 30.
import { shape } from "../shared/dom.js";
import { board } from "./board.js";

const WORDS = { calm: "还有", soon: "抓紧", now: "马上", over: "超时" };
const NAMES = { first_reply: "首次回复", reply: "回复", key_facts: "关键信息", help: "求助" };

export function span(seconds) {
  if (seconds < 100) return `${seconds} 秒`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} 分` : `${Math.round(seconds / 3600)} 小时`;
}

/** {level, words} of a running clock at this moment. */
export function read({ started_ms, due_ms }, now = board.now()) {
  const left = Math.ceil((due_ms - now) / 1000), whole = (due_ms - started_ms) / 1000;
  const passed = whole - left;
  const far = Math.max(1, Math.abs(left)); // "0 秒 late" is late all the same
  const level = left <= 0 ? "over" : passed < whole / 3 ? "calm" : passed < (whole * 2) / 3 ? "soon" : "now";
  return { level, words: `${WORDS[level]} ${span(far)}` };
}

export const nameOf = (kind) => NAMES[kind] ?? "";

/** Put a clock into its place; only what changed is touched, so that a row keeps the focus and its width. */
export function setClock(node, clock, { named = false } = {}) {
  node.hidden = !clock;
  node.clock = clock;
  node.named = named;
  if (clock) turn(node);
}

function turn(node) {
  const { level, words } = read(node.clock);
  const text = node.named ? `${nameOf(node.clock.kind)} ${words}` : words;
  if (node.dataset.level !== level || !node.firstChild) {
    node.dataset.level = level;
    node.replaceChildren(shape(level), document.createElement("span"));
  }
  if (node.lastChild.textContent !== text) node.lastChild.textContent = text;
}

const hands = [];

/** Called several times a second, so that no second is skipped; drawing happens when a word changes. */
export function onTick(fn) { hands.push(fn); }

export function startClocks() {
  setInterval(() => {
    for (const node of document.querySelectorAll(".clock")) if (node.clock && !node.hidden) turn(node);
    hands.forEach((fn) => fn());
  }, 250);
}
