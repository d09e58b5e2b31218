// The conversation so far, kept small: one line in a narrow frame, a list on a wide screen.
import { $, el } from "./dom.js";

const WHO = { buyer: "买家", agent: "我" };

export function drawTurns(talk) {
  const list = $("turns");
  list.replaceChildren(...talk.turns.map((turn) =>
    el("li", { class: `turn turn-${turn.speaker}`, data: { speaker: turn.speaker } }, el("b", {}, WHO[turn.speaker]), el("span", {}, turn.text))));
  list.scrollTop = list.scrollHeight;
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
