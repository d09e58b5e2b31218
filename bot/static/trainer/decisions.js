// What only a person can decide, before everything that is merely worth knowing: contradictions with both texts side
// by side, questions that stand twice, what a merchant's form now says otherwise, and rows that the sheet no longer has.
import { el } from "../shared/dom.js";

const TITLES = [
  [/^conflict_/, "说法矛盾", "答复互相矛盾", "问的是同一件事，答复却对不上。请核对后改成一致，或写明各自适用的情况。"],
  [/^question_similar/, "重复", "几乎相同的问题", "几乎是同一个问题。请合并成一条，或把其中一条写清楚适用的情况。"],
  [/^profile_changed/, "店铺信息有变", "店铺信息有变", "导入后以新的为准，用到它的话术请核对。"],
  [/^other_file_said/, "另一个文件写的不一样", "另一个文件先写过，写的不一样"], [/^product_two_names/, "一个编号两个名称", "同一个商品编号有两个名称"],
  [/^removed_most/, "大部分没有了", "以前导入的大部分没有了"], [/^trainer_edit_overwritten/, "训练师改过", "会盖掉训练师的修改"], [/^removed_unclear/, "看不准", "看不准有没有删除"],
];
const FIRST = 20; // cards drawn at once: a catalogue may hold hundreds of contradictions

const rank = (problem) => TITLES.findIndex(([code]) => code.test(problem.code));
export const isDecision = (problem) => problem.severity !== "error" && rank(problem) >= 0;

const PLACE = /^第\d+行( [A-Z]+列)?：/; // stands in its own place here
/** In running text nobody sees the number of a paragraph: its first words tell the place. */
export const placeOf = (problem) => (problem.quote ? `“${problem.quote}”` : problem.row ? [`第 ${problem.row} 行`, problem.column ? `${problem.column} 列` : ""].filter(Boolean).join(" ") : "整张表");
export const wordsOf = (problem) => (problem.quote ? problem.text.replace(`“${problem.quote}”：`, "") : problem.text.replace(PLACE, ""));

/** A text with the words in which it differs marked; they are quoted as they stand where that is possible. */
function marked(text, part) {
  const at = part ? text.indexOf(part) : -1;
  return at < 0 ? [text] : [text.slice(0, at), el("mark", { class: "differs" }, part), text.slice(at + part.length)];
}

function sides(problem) {
  const { here, there, where, asked, here_part, there_part } = problem.sides;
  const own = `${problem.code === "profile_changed" ? "新的" : "这里"}（${placeOf(problem)}）`, title = problem.code === "profile_changed" || !asked ? own : `${own}“${asked}”`;
  const side = (label, text, part) => el("div", { class: "side" }, el("dt", {}, label), el("dd", {}, ...marked(text, part)));
  return el("dl", { class: "sides" }, side(title, here, here_part), side(where, there, there_part));
}

function card(sheet, problem) {
  const [, title, , advice] = TITLES[rank(problem)];
  return el("li", { class: "decision", data: { code: problem.code } },
    el("p", { class: "decision-head" }, el("span", { class: "chip chip-warn" }, `! ${title}`), problem.code === "profile_changed" && problem.sides ? el("strong", {}, problem.sides.asked) : null,
      el("span", { class: "muted small num" }, `${sheet} ${placeOf(problem)}`)),
    problem.sides ? sides(problem) : null, el("p", { class: "decision-say" }, problem.sides && advice ? advice : wordsOf(problem)));
}

function removed(report, onRetire) {
  const rows = report.sheets.flatMap((sheet) => sheet.removed_rows ?? []), total = report.removed ?? rows.length;
  if (!total) return null;
  return el("section", { class: "gone", "aria-label": "表里没有了的内容" },
    el("p", {}, el("span", { class: "chip chip-warn num" }, `− 表里没有了 ${total}`), " 上次导入这个文件时有、这次没有的。不勾选就什么都不动。"),
    el("div", { class: "gone-list", tabindex: "0", role: "region", "aria-label": "表里没有了的内容" }, el("ul", {},
      ...rows.map((one) => el("li", {}, one.title, one.source ? el("span", { class: "muted small" }, `　${one.source}`) : null)),
      total > rows.length ? el("li", { class: "muted" }, `还有 ${total - rows.length} 条`) : null)),
    report.committed ? null : el("label", { class: "check" }, el("input", { id: "import-retire", type: "checkbox", on: { change: onRetire } }),
      report.most_removed ? `我核对过，是同一个文件：把没有了的 ${total} 条都下架` : `把表里没有了的 ${total} 条下架`));
}

/** One box above all sheets; null when nothing has to be decided. */
export function drawDecisions(report, onRetire) {
  const found = report.sheets.flatMap((sheet) => (sheet.problems ?? []).filter(isDecision).map((problem) => ({ sheet: sheet.sheet, problem })))
    .sort((a, b) => rank(a.problem) - rank(b.problem));
  const gone = removed(report, onRetire);
  if (!found.length && !gone) return null;
  const list = el("ul", { class: "decision-list" }, ...found.slice(0, FIRST).map((one) => card(one.sheet, one.problem)));
  const rest = found.slice(FIRST);
  const more = rest.length ? el("button", { class: "btn btn-small", type: "button" }, `显示其余 ${rest.length} 处`) : null;
  more?.addEventListener("click", () => { list.append(...rest.map((one) => card(one.sheet, one.problem))); more.remove(); });
  const counts = TITLES.map(([code, , title]) => [title, found.filter((one) => code.test(one.problem.code)).length]).filter(([, count]) => count);
  return el("section", { class: "decisions", id: "decisions", "aria-labelledby": "decisions-title" },
    el("h3", { id: "decisions-title" }, "要您决定的", el("span", { class: "muted small num" }, counts.map(([title, count]) => `${title} ${count}`).join(" · "))),
    gone, found.length ? list : null, more);
}
