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

/** What was said as list items; `who` names the speakers. */
export function turnRows(turns, who = WHO) {
  const open = openFrom(turns);
  return turns.map((turn, i) =>
    el("li", { class: `turn turn-${turn.speaker}${i >= open ? " turn-open" : ""}${turn.speaker === turns[i - 1]?.speaker ? " turn-again" : ""}`, data: { speaker: turn.speaker } },
      el("b", { class: "turn-who" }, who[turn.speaker], clock(turn.at_ms)), el("span", { class: "turn-text" }, turn.text)));
}

export function drawTurns(talk) {
  const list = $("turns"), low = list.scrollHeight - list.scrollTop - list.clientHeight < 40;
  list.replaceChildren(...turnRows(talk.turns));
  if (low || list.dataset.of !== `${talk.shop.slug}/${talk.id}`) list.scrollTop = list.scrollHeight; // unless the agent reads further up
  list.dataset.of = `${talk.shop.slug}/${talk.id}`;
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
