// The team lead's side: open requests for help of all shops, the oldest first, each with a box for the answer.
import { api, explain } from "../shared/api.js";
import { desk } from "../agent/desk.js";
import { $, el, toast } from "../shared/dom.js";
import { connection } from "../agent/connection.js";
import { chatBehind, unread } from "./behind.js";
import { board } from "./board.js";
import { setClock } from "./clock.js";
import { colorOf } from "./row.js";

const ROLES = new Set(["lead", "trainer"]); // who may answer (bot/access.toml)
const OVERSEEING = new Set(["lead", "trainer", "qc", "manager"]); // as the stream has it
const open = new Map(); // by id: {help, node}
let mayAnswer = false;

function makeCard(help) {
  const box = el("textarea", { rows: "2", maxlength: "2000", spellcheck: "false", "aria-label": `给${help.asked_by_name || "客服"}的答复` });
  const [look, behind] = chatBehind(help);
  const node = el("li", { class: "plea", data: { id: help.id } },
    el("p", { class: "plea-top" }, el("span", { class: "row-shop" }, desk.shops.get(help.shop)?.name ?? help.shop), el("span", { class: "muted" }, `${help.asked_by_name || "客服"}求助`),
      el("span", { class: "grow" }), el("span", { class: "chip plea-over", hidden: true }, "会话已结束"), el("span", { class: "clock" })),
    help.last ? el("p", { class: "plea-last" }, `${help.last.speaker === "buyer" ? "买家" : "客服"}：${help.last.text}`) : null,
    help.note ? el("p", { class: "plea-note" }, `问：${help.note}`) : null, behind, box,
    el("p", { class: "plea-foot small muted" }, look, el("span", { class: "grow plea-hint" }, el("kbd", {}, "Ctrl"), "+", el("kbd", {}, "Enter"), " 答复会成为待审的话术"),
      el("button", { class: "btn btn-small btn-main plea-answer", type: "button" }, "答复")));
  node.style.setProperty("--row", colorOf(desk.shops.get(help.shop)));
  node.querySelector(".plea-answer").addEventListener("click", () => answer(help.id));
  box.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); answer(help.id); }
  });
  setClock(node.querySelector(".clock"), { kind: "help", started_ms: help.asked_ms, due_ms: help.due_ms });
  return node;
}

async function answer(id) {
  const { help, node } = open.get(id), box = node.querySelector("textarea"), text = box.value.trim();
  if (!text) { box.focus(); return; }
  node.querySelector(".plea-answer").disabled = true;
  try {
    const reply = await connection.during(api.answerHelp(help.shop, id, text));
    takeHelp(reply.help);
    toast(`已答复${help.asked_by_name || "客服"}${reply.blocked ? "；检查有拦截项，没有做成草稿" : ""}`, reply.blocked);
    $("pleas").querySelector("textarea")?.focus();
  } catch (error) {
    node.querySelector(".plea-answer").disabled = false; // the text stays where it was written
    toast(explain(error).whole, true);
  }
}

function count() {
  $("lead-toggle").hidden = !mayAnswer;
  $("lead-toggle").textContent = open.size ? `求助 ${open.size}` : "求助";
  $("lead-toggle").classList.toggle("is-waiting", open.size > 0);
  $("pleas-none").hidden = open.size > 0;
}

function drop(id) {
  const { help, node } = open.get(id);
  unread(help);
  node.remove();
  open.delete(id);
}

/** Nobody waits any more: the card goes, unless somebody writes on it; then it says so, and the answer is still worth a draft. */
function ended(id) {
  const { node } = open.get(id);
  if (!node.querySelector("textarea").value.trim()) { drop(id); return; }
  node.querySelector(".plea-over").hidden = false;
  setClock(node.querySelector(".clock"), null);
}

/** A request as it stands now. One that is answered leaves; a card that somebody writes on is never rebuilt. */
export function takeHelp(help) {
  if (!mayAnswer || !help?.id) return;
  const known = open.get(help.id);
  if (Number.isFinite(help.answered_ms)) { if (known) drop(help.id); }
  else if (Number.isFinite(help.closed_ms)) { if (known) ended(help.id); }
  else if (!known) {
    const node = makeCard(help);
    open.set(help.id, { help, node });
    $("pleas").append(node);
    $("lead-live").textContent = `新求助：${desk.shops.get(help.shop)?.name ?? ""}`;
  }
  count();
}

export async function loadHelps() {
  if (!mayAnswer) return;
  try {
    const { requests } = await api.helps();
    const still = new Set(requests.map((one) => one.id));
    for (const id of [...open.keys()]) if (!still.has(id)) ended(id);
    requests.forEach(takeHelp);
    count();
  } catch { /* asked again when the stream stands */ }
}

export function toggleLead(on = $("lead").hidden) {
  if (!mayAnswer) return;
  $("lead").hidden = !on;
  $("lead-toggle").setAttribute("aria-expanded", String(on));
  if (on) ($("pleas").querySelector("textarea") ?? $("lead-close")).focus(); else $("lead-toggle").focus();
}

export function mountLead(role) {
  mayAnswer = ROLES.has(role);
  board.oversees = OVERSEEING.has(role);
  $("lead-toggle").addEventListener("click", () => toggleLead());
  $("lead-close").addEventListener("click", () => toggleLead(false));
  $("lead").addEventListener("keydown", (event) => {
    if (event.isComposing || event.key !== "Escape") return;
    event.stopPropagation();
    toggleLead(false);
  });
  count();
}
