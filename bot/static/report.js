// What would happen to each sheet of a file, in the merchant's own coordinates (row 12, column E).
import { el } from "./dom.js";
import { CHANGES } from "./format.js";

export function countProblems(report) {
  const all = (report?.sheets ?? []).flatMap((sheet) => sheet.problems ?? []);
  // A very bad file lists only its first problems; the totals count all of them.
  const errors = report?.errors_total ?? all.filter((problem) => problem.severity === "error").length;
  return { errors, warnings: (report?.problems_total ?? all.length) - errors };
}

/** How many rows would come in, and how many of them change anything. */
export function countGood(report) {
  const sum = (names) => (report?.sheets ?? []).reduce((total, sheet) => total + names.reduce((part, name) => part + sheet[name], 0), 0);
  return { good: sum(["added", "changed", "unchanged"]), news: sum(["added", "changed"]) };
}

const chip = (text, kind = "") => el("span", { class: `chip ${kind} num` }, text);

function table(heads, rows, label) {
  return el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": label },
    el("table", { class: "table" }, el("thead", {}, el("tr", {}, ...heads.map((head) => el("th", {}, head)))), el("tbody", {}, ...rows)));
}

const PLACE = /^第\d+行( [A-Z]+列)?：/; // stands in its own column here

function problemRow(problem) {
  const bad = problem.severity === "error";
  return el("tr", { data: { severity: problem.severity } },
    el("td", { class: "t-status" }, chip(bad ? "✕ 错误" : "! 提醒", bad ? "chip-bad" : "chip-warn")),
    el("td", { class: "t-time" }, problem.row ? [`第 ${problem.row} 行`, problem.column ? `${problem.column} 列` : ""].join(" ") : "整张表"),
    el("td", {}, problem.text.replace(PLACE, ""), problem.value ? el("span", { class: "clamp", title: problem.value }, `原值：${problem.value}`) : null));
}

function sampleRow(sample) {
  const change = CHANGES[sample.change] ?? CHANGES.unchanged;
  return el("tr", {}, el("td", { class: "t-status" }, chip(change.text, change.chip)), el("td", { class: "t-soft t-key" }, sample.key.startsWith("h:") || sample.key === sample.title ? "—" : sample.key),
    el("td", { class: "t-title" }, sample.title), el("td", {}, el("span", { class: "clamp" }, sample.detail)));
}

function columnBox(column) {
  const used = column.field && column.field !== "skip";
  const why = column.field ? "这一列和买家的问题无关，不导入" : "没有认出这一列，不会导入；改好列名可以再试";
  return el("span", { class: `column${used ? "" : " unknown"}`, title: used ? null : why },
    el("i", {}, column.column), column.header || "（空表头）", el("span", { class: "muted" }, used ? `→ ${column.field_label}` : column.field ? "不导入" : "没有认出"));
}

function sheetBox(sheet) {
  const problems = [...(sheet.problems ?? [])].sort((a, b) => (a.severity === b.severity ? 0 : a.severity === "error" ? -1 : 1));
  const errors = problems.filter((one) => one.severity === "error").length;
  const warnings = (sheet.problems_total ?? problems.length) - errors;
  const unseen = (sheet.problems_total ?? problems.length) - problems.length;
  return el("section", { class: "sheet", data: { sheet: sheet.sheet } },
    el("header", { class: "sheet-head" }, el("h3", {}, sheet.sheet), chip(sheet.kind_label),
      sheet.kind ? el("span", { class: "muted small" }, `表头在第 ${sheet.header_row} 行，共 ${sheet.rows} 行`) : null,
      el("span", { class: "counts" }, ...(sheet.kind ? [chip(`新增 ${sheet.added}`, sheet.added ? "chip-ok" : ""), chip(`更新 ${sheet.changed}`, sheet.changed ? "chip-warn" : ""),
        chip(`未变 ${sheet.unchanged}`)] : []), sheet.skipped ? chip(`跳过 ${sheet.skipped}`) : null,
      errors ? chip(`✕ 错误 ${errors}`, "chip-bad") : null, warnings ? chip(`! 提醒 ${warnings}`, "chip-warn") : null)),
    ...(sheet.columns?.length ? [el("h4", {}, "认出的列"), el("div", { class: "columns" }, ...sheet.columns.map(columnBox))] : []),
    ...(problems.length ? [el("h4", {}, "要看一眼的地方"), table(["程度", "位置", "说明"], problems.map(problemRow), `${sheet.sheet} 的问题`), unseen > 0 ? el("p", { class: "unseen small muted" }, `还有 ${unseen} 处没有列出，先改好上面这些。`) : ""] : []),
    ...(sheet.sample?.length ? [el("h4", {}, "前几行的样子"), table(["变化", "编号", "标题", "内容"], sheet.sample.map(sampleRow), `${sheet.sheet} 的样例`)] : []));
}

function judge(report) {
  const { errors, warnings } = countProblems(report), { good, news } = countGood(report);
  if (!report.sheets.some((sheet) => sheet.kind)) return ["bad", "没有可以导入的内容，原因见下。认错了表的类型时，可以在上面改选类型再读一次。"];
  if (!good) return ["bad", "没有一行可以导入，请商家改好后重新拖入。"];
  if (errors) return ["warn", `有 ${errors} 处错误。请商家改好后重新拖入；或勾选“只导入没有问题的行”，先用上其余的 ${good} 条。`];
  if (!news) return ["ok", "和店里现有的内容完全一样，不用再导入。"];
  return ["ok", warnings ? `没有错误，可以导入；有 ${warnings} 处提醒，请先看一眼。` : "没有错误，可以导入。"];
}

export function drawReport(box, report) {
  const [kind, text] = judge(report);
  const verdict = el("p", { id: "report-verdict", class: `notice notice-${kind}` }, text);
  box.replaceChildren(verdict, ...report.sheets.map(sheetBox));
}
