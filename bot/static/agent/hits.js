// The answer cards. They only draw; what a choice means is decided in choose.js.
import { $, answerNodes, el, shape } from "../shared/dom.js";
import { BANDS, KINDS, percent } from "../shared/format.js";
import { wording } from "../record/record.js";

const DONE = { inserted: "✓ 已复制", edited: "✓ 改后复制", sent: "✓ 已发送", rejected: "不合适" };

function band(hit) {
  return el("span", { class: `band band-${hit.band}` }, shape(hit.band),
    el("span", {}, BANDS[hit.band] ?? BANDS.unsure), el("span", { class: "num" }, percent(hit.probability)));
}

function metaLine(label, text) {
  return text ? el("p", { class: "hit-meta", title: text }, `${label}${text}`) : null;
}

/** What was filled in, and from where; what is missing is named, because nobody reads a placeholder twice. */
function filled(hit) {
  const used = (hit.filled?.used ?? []).map((one) => `${one.name} ${one.value}${one.source ? `（${one.source}）` : ""}`).join("；");
  const missing = hit.filled?.missing ?? [];
  return [missing.length ? el("p", { class: "hit-missing" }, shape("reference"), `缺 ${missing.join("、")}：发送前请填写（按 E 修改）`) : null, metaLine("已填：", used)];
}

/** Where the answer comes from: read when in doubt, so it is folded away behind one word. */
function origin(hit) {
  return hit.source ? [el("span", { class: "hit-from" }, "来源 →"), el("p", { class: "hit-source", hidden: true }, `来源：${hit.source}`)] : [null, null];
}

function card(hit, fate) {
  const text = wording(hit);
  const why = (hit.reasons ?? []).map((reason) => reason.text).join("；");
  // Quick phrases have no question and match by their own text; repeating that under the text says nothing.
  const like = hit.phrasing && hit.phrasing !== hit.question && hit.phrasing !== text ? `像“${hit.phrasing}”` : "";
  const matched = hit.question && like ? `${hit.question}（${like}）` : hit.question || like;
  const [from, source] = origin(hit);
  const when = (hit.conditions ?? []).map((reason) => reason.text).join("；");
  return el("li", {
    class: `hit hit-${hit.band}`, role: "option", tabindex: "-1", "aria-selected": "false",
    "aria-keyshortcuts": `${hit.rank} Control+${hit.rank}`,
    data: { rank: hit.rank, entry: hit.entry, band: hit.band, fate: fate ?? "" },
  },
  el("span", { class: "hit-key", "aria-label": `按 ${hit.rank} 复制` }, String(hit.rank)),
  el("div", { class: "hit-top" }, band(hit), el("span", { class: "chip" }, hit.scene || KINDS[hit.kind] || "其他"), from,
    el("span", { class: "hit-did" }, DONE[fate] ?? "")),
  el("p", { class: `hit-text${text ? "" : " muted"}` }, ...(text ? answerNodes(text) : ["这条在当前条件下没有可发的话术"])),
  el("p", { class: "hit-more", hidden: true, "aria-hidden": "true" }, "展开全文（→ 键）"),
  ...filled(hit),
  metaLine("问题：", matched),
  metaLine("条件：", when),
  metaLine("依据：", why),
  source);
}

/** Very long answers show their beginning; all of the text is in the page either way, for copying and for readers. */
function fold(node, on) {
  const text = node.querySelector(".hit-text"), more = node.querySelector(".hit-more");
  const source = node.querySelector(".hit-source");
  text.classList.add("clip");
  const long = text.scrollHeight > text.clientHeight + 60; // hiding two lines behind a line that says so saves nothing
  text.classList.toggle("clip", on && long);
  text.classList.toggle("cut", on && long);
  if (source) {
    source.hidden = on;
    node.querySelector(".hit-from").textContent = on ? "来源 →" : "收起 ←";
  }
  more.hidden = !long;
  more.textContent = on ? `展开全文，共 ${text.innerText.length} 字（→ 键）` : "收起（← 键）";
}

export function drawHits(shown) {
  const list = $("hits");
  const hits = shown?.reply.hits ?? [];
  const cards = hits.map((hit) => card(hit, shown.fate.get(hit.rank)));
  if (cards[0]) cards[0].tabIndex = 0;
  list.replaceChildren(...cards);
  cards.forEach((node) => fold(node, true));
  $("reject-all").disabled = !shown || shown.open().length === 0;
}

export function drawFate(rank, fate = "") {
  const node = $("hits").querySelector(`[data-rank="${rank}"]`);
  if (!node) return;
  node.dataset.fate = fate;
  node.querySelector(".hit-did").textContent = DONE[fate] ?? "";
}

/** Only the marks change: redrawing would throw away focus and scroll position. */
export function drawFates(shown) {
  for (const { rank } of shown.reply.hits) drawFate(rank, shown.fate.get(rank));
  $("reject-all").disabled = shown.open().length === 0;
}

export function flash(rank) {
  const node = $("hits").querySelector(`[data-rank="${rank}"]`);
  if (!node) return;
  node.classList.remove("flash");
  void node.offsetWidth; // restarts the animation when the same card is copied twice
  node.classList.add("flash");
}

export function focusHits() {
  const first = $("hits").firstElementChild;
  (first ?? $("hits")).focus({ preventScroll: true });
  first?.scrollIntoView({ block: "nearest" }); // a low frame may show nothing of the first answer
  mark(first);
}

function mark(node) {
  for (const other of $("hits").children) {
    other.tabIndex = other === node ? 0 : -1;
    other.setAttribute("aria-selected", String(other === node));
  }
}

/** Arrow keys walk the cards, Enter or space or a click takes one. */
export function walkHits(onUse) {
  $("hits").addEventListener("click", (event) => {
    const node = event.target.closest(".hit");
    if (!node) return;
    if (event.target.closest(".hit-more, .hit-from")) { fold(node, event.target.textContent.startsWith("收起")); return; }
    if (event.target.closest(".hit-source")) return; // being read
    // Marking part of an answer with the mouse ends in a click too; that is reading, not choosing.
    if (!getSelection().toString()) onUse(Number(node.dataset.rank));
  });
  $("hits").addEventListener("keydown", (event) => {
    const cards = [...$("hits").children];
    const at = cards.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: cards.length - 1 }[event.key];
    if (to !== undefined && cards.length) {
      event.preventDefault();
      const next = cards[Math.max(0, Math.min(cards.length - 1, to))];
      mark(next);
      next.focus();
    } else if (at >= 0 && (event.key === "ArrowRight" || event.key === "ArrowLeft")) {
      fold(cards[at], event.key === "ArrowLeft");
    } else if ((event.key === "Enter" || event.key === " ") && at >= 0) {
      event.preventDefault();
      onUse(Number(cards[at].dataset.rank));
    }
  });
}
