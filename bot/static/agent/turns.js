// The conversation so far, as bubbles: kept small in a narrow frame, a list on a wide screen.
import { $, el } from "../shared/dom.js";

const WHO = { buyer: "买家", agent: "我" };
const two = (n) => String(n).padStart(2, "0");

function clock(at_ms) {
  if (!at_ms) return null;
  const t = new Date(at_ms);
  return el("time", { class: "turn-at num" }, `${two(t.getHours())}:${two(t.getMinutes())}`);
}

/** What the buyer has said since the last reply is what waits for an answer: it stands out. */
function openFrom(turns) { return turns.findLastIndex((turn) => turn.speaker === "agent") + 1; }

const bubbles = new WeakMap(); // turn → its bubble

const bubble = (turn, who) => el("li", { data: { speaker: turn.speaker } },
  el("b", { class: "turn-who" }, who[turn.speaker], clock(turn.at_ms)), el("span", { class: "turn-text" }, turn.text));

function known(turn) {
  const made = bubbles.get(turn);
  if (made?.lastChild.textContent !== turn.text) bubbles.set(turn, bubble(turn, WHO));
  return bubbles.get(turn);
}

/** How each stands: open, or another of the same speaker. */
function names(turns) {
  const open = openFrom(turns);
  return turns.map((turn, i) =>
    `turn turn-${turn.speaker}${i >= open ? " turn-open" : ""}${turn.speaker === turns[i - 1]?.speaker ? " turn-again" : ""}`);
}

/** What was said as list items, once; `who` names the speakers. */
export function turnRows(turns, who) {
  const classes = names(turns);
  return turns.map((turn, i) => Object.assign(bubble(turn, who), { className: classes[i] }));
}

/** What has to change in the list. What is there stays: a long chat, drawn anew with every message, takes 60 ms to lay out. */
function* changes(list, turns) {
  const classes = names(turns);
  for (const [i, turn] of turns.entries()) {
    const node = known(turn);
    if (node.className !== classes[i]) yield () => { node.className = classes[i]; };
    if (list.children[i] !== node) yield () => list.insertBefore(node, list.children[i] ?? null);
  }
  while (list.children.length > turns.length) yield () => list.lastChild.remove();
}

export function drawTurns(talk) {
  const list = $("turns"), of = `${talk.shop.slug}/${talk.id}`, other = list.dataset.of !== of;
  let low = null; // asked for once, before anything moves: the browser lays the page out to answer
  for (const change of changes(list, talk.turns)) {
    low ??= other || list.scrollHeight - list.scrollTop - list.clientHeight < 40;
    change();
  }
  if (low) list.scrollTop = list.scrollHeight; // unless the agent reads further up
  if (other) list.dataset.of = of;
  const last = talk.turns.at(-1);
  $("turns-count").textContent = `本次会话 ${talk.turns.length} 句`;
  $("turns-last").textContent = last ? `${WHO[last.speaker]}：${last.text}` : "";
}

export function mountTurns() {
  const toggle = $("turns-toggle");
  toggle.addEventListener("click", () => {
    toggle.setAttribute("aria-expanded", String(toggle.getAttribute("aria-expanded") !== "true"));
    $("turns").scrollTop = $("turns").scrollHeight;
  });
}
