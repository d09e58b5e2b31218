// Who brought in which file, what it changed, and how it is taken back. A file with several sheets is one line.
import { api, explain } from "../shared/api.js";
import { $, el, toast } from "../shared/dom.js";
import { ago, stamp } from "../shared/format.js";
import { SHEETS, downloadButton, kindName } from "./sheets.js";

const EXPORTS = { product: "商品", faq: "问答", phrase: "快捷短语", notice: "活动通知", handover: "店铺信息", offer: "加购规则" };
const COUNTS = ["added", "changed", "unchanged", "retired", "problems"];

/** One line per batch: sheets of one file went in together and go back together. */
function batches(records) {
  const found = new Map();
  for (const one of records) {
    const key = one.batch || one.id, kinds = (one.kind ?? "").split(/[,+、]/).filter(Boolean), known = found.get(key);
    if (!known) { found.set(key, { ...one, kinds }); continue; }
    for (const name of COUNTS) known[name] = (known[name] ?? 0) + (one[name] ?? 0);
    known.kinds = [...new Set([...kinds, ...known.kinds])];
    known.undoable = known.undoable || one.undoable;
  }
  return [...found.values()];
}

/** What will come back, in the order in which it matters. */
function words(one) {
  const lines = [[one.added, `新增的 ${one.added} 条会删除`], [one.changed, `更新的 ${one.changed} 条恢复成导入前的内容`], [one.retired, `下架的 ${one.retired} 条重新上架`]];
  const told = lines.filter(([count]) => count).map(([, text]) => text);
  return told.length ? told : ["这个文件带来的内容会拿走"]; // a chat log may bring nothing but ways to ask
}

function mark(one) {
  if (!one.undone_at) return null;
  return el("span", { class: "row-key" }, el("span", { class: "chip" }, "↶ 已撤销"), ` ${ago(one.undone_at)}${one.undone_by ? ` ${one.undone_by}` : ""}`);
}

export function mountHistory({ shop }) {
  let round = 0;

  function row(one) {
    const number = (value, more = "") => el("td", { class: `t-num ${more}` }, String(value ?? 0));
    const names = one.kinds.map(kindName).join("、");
    return el("tr", { data: { batch: one.batch || one.id, ...(one.undone_at ? { undone: "" } : {}) } },
      el("td", { class: "t-time", title: stamp(one.at) }, ago(one.at)), el("td", { class: "t-file" }, el("span", {}, one.file), mark(one)),
      el("td", { class: "t-soft t-wide" }, names || "—"), number(one.added), number(one.changed), number(one.unchanged, "t-wide"), number(one.retired, "t-wide"),
      el("td", { class: "t-num t-wide" }, one.problems ? el("span", { class: "chip chip-warn" }, `! ${one.problems}`) : "0"), el("td", { class: "t-soft t-wide" }, one.by || "—"),
      el("td", { class: "t-undo" }, one.undoable ? el("button", { class: "btn btn-small", type: "button", "aria-label": `撤销 ${ago(one.at)} 导入的《${one.file}》`, on: { click: () => ask(one) } }, "撤销") : null));
  }

  async function load() {
    const mine = ++round;
    try {
      const { imports } = await api.imports(shop().slug);
      if (mine !== round) return; // the trainer has moved to another shop meanwhile
      $("history-rows").replaceChildren(...batches(imports).map(row));
      $("history-say").textContent = imports.length ? "" : "还没有导入过文件。";
    } catch (error) {
      if (mine !== round) return;
      $("history-rows").replaceChildren();
      $("history-say").textContent = error.message;
    }
  }

  function ask(one) {
    const dialog = $("undo"), slug = shop().slug;
    $("undo-title").textContent = `撤销《${one.file}》的导入？`;
    $("undo-words").replaceChildren(...words(one).map((line) => el("li", {}, line)));
    dialog.returnValue = "";
    dialog.addEventListener("close", () => { if (dialog.returnValue === "undo" && shop().slug === slug) undo(one); }, { once: true });
    dialog.showModal();
  }

  async function undo(one) {
    try {
      await api.undo(shop().slug, one.id);
      toast(`已撤销《${one.file}》的导入，里面的内容回到导入之前`);
    } catch (error) {
      $("history-say").textContent = explain(error).whole;
      toast(explain(error).whole, true);
    }
    await load();
    $("tab-history").focus({ preventScroll: true });
  }

  $("exports").append(...Object.entries(EXPORTS).map(([kind, name]) =>
    downloadButton(name, () => api.export(shop().slug, kind), { title: `导出成 xlsx，列和${SHEETS[kind]}模板一样` })));
  return { load };
}
