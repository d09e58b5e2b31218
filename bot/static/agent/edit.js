// E: an answer is mended where it stands. Checked while it is typed, taken with Ctrl+Enter, left with Esc; what the agent
// typed stays with its conversation when another one is looked at.
import { verdictOn } from "./allow.js";
import { findingsOf } from "./check.js";
import { desk } from "./desk.js";
import { $, debounce, el, toast } from "../shared/dom.js";
import { drawFates } from "./hits.js";
import { wording } from "../record/record.js";

let hooks = {}; // {take(mine, text, tell, name), leave(mine)}
const card = (rank) => $("hits").querySelector(`[data-rank="${rank}"]`);
const box = () => $("hits").querySelector(".hit-edit textarea");

/** A list of choices may hold no text box: while one is open, the answers are a plain list. */
function roles(editing) {
  $("hits").setAttribute("role", editing ? "list" : "listbox");
  for (const node of $("hits").children) {
    node.setAttribute("role", editing ? "listitem" : "option");
    if (editing) node.removeAttribute("aria-selected"); else node.setAttribute("aria-selected", String(node === document.activeElement));
  }
}

function close() {
  const open = $("hits").querySelector(".hit-edit");
  open?.parentElement.classList.remove("is-editing");
  open?.remove();
  roles(false);
}

const lookSoon = debounce(async (mine, node, text) => {
  const verdict = await verdictOn(mine, text);
  if (desk.talk !== mine || !node.isConnected) return;
  node.querySelector(".edit-findings").replaceChildren(...[findingsOf(verdict)].filter(Boolean));
}, 250);

/** Put the open edit of a talk back on its card, as it was left. */
export function drawEdit(talk) {
  if (!talk.editing) { roles(false); return; }
  const node = card(talk.editing.rank);
  if (!node) { talk.editing = null; roles(false); return; }
  const area = el("textarea", { "aria-label": `修改第${talk.editing.rank}条`, spellcheck: "false", maxlength: "2000" });
  area.value = talk.editing.text;
  const form = el("div", { class: "hit-edit" }, area, el("div", { class: "edit-findings", role: "status" }),
    el("p", { class: "edit-foot small muted" }, el("kbd", {}, "Ctrl"), "+", el("kbd", {}, "Enter"), " 检查并复制　", el("kbd", {}, "Esc"), " 不改了"));
  area.addEventListener("input", () => { talk.editing.text = area.value; lookSoon(talk, form, area.value); });
  area.addEventListener("keydown", (event) => key(event, talk));
  form.addEventListener("click", (event) => event.stopPropagation()); // a click in the text is no choice of the card
  node.classList.add("is-editing");
  node.querySelector(".hit-text").after(form);
  roles(true);
  lookSoon(talk, form, area.value);
}

function key(event, talk) {
  event.stopPropagation(); // arrows, digits and Esc belong to the text here
  if (event.isComposing) return;
  if (event.key === "Escape") { event.preventDefault(); leave(talk); }
  else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); finish(talk); }
}

function leave(talk) {
  const { rank } = talk.editing;
  talk.editing = null;
  close();
  drawFates(talk.shown);
  hooks.leave(talk);
  (card(rank) ?? $("hits")).focus({ preventScroll: true });
}

async function finish(talk) {
  const { rank } = talk.editing, text = box().value.trim(), { shown } = talk;
  const hit = shown.reply.hits.find((one) => one.rank === rank);
  if (!text) { toast("内容是空的", true); return; }
  if (await hooks.take(talk, text, () => { shown.edited(hit, text); talk.took = hit; }, `改过的第${rank}条`)) leave(talk);
}

/** Begin with the card in focus, else the first; the caret stands at the first variable still to be filled in. */
export function startEdit() {
  const talk = desk.talk, focused = document.activeElement.closest?.("#hits .hit");
  const hit = talk.shown?.reply.hits.find((one) => one.rank === Number(focused?.dataset.rank ?? 1));
  if (talk.editing) { box()?.focus(); return; }
  if (talk.between || !hit || !wording(hit)) { toast(talk.between ? "答案还没出来，请稍等" : "没有可以修改的答案", true); return; }
  talk.editing = { rank: hit.rank, text: wording(hit) };
  drawEdit(talk);
  const gap = /\{[^{}\n]{1,40}\}/.exec(talk.editing.text);
  box().focus();
  box().setSelectionRange(gap?.index ?? talk.editing.text.length, gap ? gap.index + gap[0].length : talk.editing.text.length);
}

export function mountEdit(given) { hooks = given; }
