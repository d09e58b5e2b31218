// Facts of a product or of the shop that answer the buyer's question: the sheet's own words, each with the cell it came from.
import { $, el } from "../shared/dom.js";
import { factText } from "../shared/format.js";

const FIRST_KEY = 4; // 1–3 belong to the scripts
const CELLS = 6; // named in the line; the title holds all of them

/** "商品表.xlsx › 面膜 › E8、E9": cells of one sheet name it once. */
function cellsOf(stated) {
  const sheets = new Map();
  for (const source of new Set(stated.facts.map((fact) => fact.source).filter(Boolean))) {
    const at = source.lastIndexOf(" › ") + 3;
    const sheet = at < 3 ? "" : source.slice(0, at);
    sheets.set(sheet, [...(sheets.get(sheet) ?? []), source.slice(sheet.length)]);
  }
  return [...sheets].map(([sheet, cells]) => sheet + cells.slice(0, CELLS).join("、") + (cells.length > CELLS ? ` 等 ${cells.length} 格` : "")).join("；");
}

function card(stated, index, done) {
  const key = FIRST_KEY + index, from = cellsOf(stated), mark = stated.product ? "商品事实" : "店铺信息";
  const all = stated.facts.map((fact) => `${fact.name}：${factText(fact)}${fact.source ? `（${fact.source}）` : ""}`).join("\n");
  return el("li", { class: "stated", data: { index, fate: done ? "inserted" : "" } },
    el("span", { class: "hit-key", "aria-hidden": "true" }, String(key)),
    el("div", { class: "hit-top" }, el("span", { class: "stated-mark" }, mark), el("span", { class: "chip" }, stated.attribute),
      el("span", { class: "hit-did" }, done ? "✓ 已复制" : ""),
      el("button", { class: "btn btn-small stated-copy", type: "button", "aria-label": `复制${mark}：${stated.text}`,
        "aria-keyshortcuts": `${key} Control+${key}` }, "复制")),
    el("p", { class: "hit-text" }, stated.text),
    from ? el("p", { class: "hit-meta", title: all }, `来源：${from}`) : null);
}

/** As with the scripts: the whole card copies, but marking part of it with the mouse is reading. */
export function mountStated(onUse) {
  $("stated").addEventListener("click", (event) => {
    const node = event.target.closest(".stated");
    if (node && (event.target.closest("button") || !getSelection().toString())) onUse(Number(node.dataset.index));
  });
}

export function drawStated(shown) {
  const facts = shown?.reply.facts ?? [];
  $("stated").hidden = !facts.length;
  $("stated").replaceChildren(...facts.map((stated, index) => card(stated, index, shown.taken.has(index))));
}

/** Only the mark changes, so that the button keeps the focus. */
export function markStated(index) {
  const node = $("stated").querySelector(`[data-index="${index}"]`);
  if (!node) return;
  node.dataset.fate = "inserted";
  node.querySelector(".hit-did").textContent = "✓ 已复制";
}

export const statedKey = (digit) => digit - FIRST_KEY;
