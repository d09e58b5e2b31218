// H: ask the team lead about the chat on screen. The answer comes as a card above all others and is copied like one.
import { api } from "../shared/api.js";
import { desk } from "../agent/desk.js";
import { $, toast } from "../shared/dom.js";
import { focusHits } from "../agent/hits.js";
import { uuid } from "../record/outbox.js";
import { board } from "./board.js";
import { claim } from "./claim.js";
import { setClock } from "./clock.js";
import { errand } from "./errands.js";

const helpFor = (talk) => (talk.live ? board.get(talk.shop.slug, talk.id)?.help ?? null : null);
const isAnswered = (help) => Number.isFinite(help?.answered_ms);
const isOpen = (help) => Boolean(help) && !isAnswered(help) && !Number.isFinite(help.closed_ms); // closed: nobody waits

export function drawHelp(talk) {
  const help = helpFor(talk), answered = isAnswered(help);
  $("help-ask").hidden = !talk.live;
  $("help-ask").disabled = isOpen(help);
  $("help-state").hidden = !isOpen(help);
  if (isOpen(help)) {
    $("help-note-said").textContent = help.note ? `“${help.note}”` : "";
    setClock($("help-clock"), { kind: "help", started_ms: help.asked_ms, due_ms: help.due_ms });
  }
  $("lead-answer").hidden = !answered;
  if (answered) {
    $("lead-text").textContent = help.answer;
    $("lead-by").textContent = help.answered_by_name ? `${help.answered_by_name}答复` : "班长答复";
    $("lead-note").textContent = help.note ? `你问：${help.note}` : "";
    $("lead-answer").dataset.fate = talk.lead === help.id ? "inserted" : "";
  }
  if ($("help-form").dataset.of !== `${talk.shop.slug}/${talk.id}`) fold(talk);
}

function fold(talk) {
  $("help-form").hidden = true;
  $("help-note").value = "";
  $("help-form").dataset.of = `${talk.shop.slug}/${talk.id}`;
}

export function openHelp() {
  const talk = desk.talk;
  if (!talk.live) { toast("手动会话不能求助：先从队列打开一位买家"); return; }
  if (isOpen(helpFor(talk))) { toast("已经求助了，班长答复后会显示在最上面"); return; }
  $("help-form").hidden = false;
  $("help-note").focus();
}

function send() {
  const talk = desk.talk, { slug } = talk.shop, help = { id: uuid(), note: $("help-note").value.trim() };
  fold(talk);
  focusHits();
  claim(talk);
  errand(`help ${slug}/${talk.id}`, () => api.askHelp(slug, talk.id, help), {
    done: (reply) => {
      const one = board.get(slug, talk.id);
      if (reply?.id && one) board.put({ ...one, help: reply });
      toast("已向班长求助");
    },
  });
}

/** The lead's answer, as {id, text}; null while there is none. */
export function leadAnswer(talk) {
  const help = helpFor(talk);
  return isAnswered(help) ? { id: help.id, text: help.answer } : null;
}

export function mountHelp({ onUse }) {
  $("help-ask").addEventListener("click", openHelp);
  $("help-form").addEventListener("submit", (event) => { event.preventDefault(); send(); });
  $("help-note").addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "Escape") { event.stopPropagation(); fold(desk.talk); focusHits(); }
  });
  $("lead-answer").addEventListener("click", () => { if (!getSelection().toString()) onUse(); });
}
