// What would happen to each sheet of a file, in the merchant's own coordinates (row 12, column E).
import { el } from "./dom.js";
import { CHANGES } from "./format.js";

export function countProblems(report) {
  const all = (report?.sheets ?? []).flatMap((sheet) => sheet.problems ?? []);
  const errors = all.filter((problem) => problem.severity === "error").length;
  return { errors, warnings: all.length - errors };
}

const chip = (text, kind = "") => el("span", { class: `chip ${kind} num` }, text);

function table(heads, rows, label) {
  return el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": label },
    el("table", { class: "table" }, el("thead", {}, el("tr", {}, ...heads.map((head) => el("th", {}, head)))), el("tbody", {}, ...rows)));
}

function problemRow(problem) {
  const bad = problem.severity === "error";
  return el("tr", { data: { severity: problem.severity } },
    el("td", { class: "t-status" }, chip(bad ? "✕ 错误" : "! 提醒", bad ? "chip-bad" : "chip-warn")),
    el("td", { class: "t-time" }, problem.row ? `第 ${problem.row} 行` : "—"),
    el("td", { class: "t-time" }, problem.column ? `${problem.column} 列` : "—"),
    el("td", {}, problem.text),
    el("td", { class: "t-soft" }, problem.value || "—"));
}

function sampleRow(sample) {
  const change = CHANGES[sample.change] ?? CHANGES.unchanged;
  return el("tr", {}, el("td", { class: "t-status" }, chip(change.text, change.chip)), el("td", { class: "t-soft" }, sample.key),
    el("td", {}, sample.title), el("td", {}, el("span", { class: "clamp" }, sample.detail)));
}

function columnBox(column) {
  const known = Boolean(column.field);
  return el("span", { class: `column${known ? "" : " unknown"}`, title: known ? null : "没有认出这一列，不会导入" },
    el("i", {}, column.column), column.header || "（空表头）", el("span", { class: "muted" }, known ? `→ ${column.field_label}` : "未识别"));
}

function sheetBox(sheet) {
  const problems = [...(sheet.problems ?? [])].sort((a, b) => (a.severity === b.severity ? 0 : a.severity === "error" ? -1 : 1));
  const errors = problems.filter((one) => one.severity === "error").length;
  return el("section", { class: "sheet", data: { sheet: sheet.sheet } },
    el("header", { class: "sheet-head" }, el("h3", {}, sheet.sheet), chip(sheet.kind_label),
      el("span", { class: "muted small" }, `表头在第 ${sheet.header_row} 行，共 ${sheet.rows} 行`),
      el("span", { class: "counts" }, chip(`新增 ${sheet.added}`, sheet.added ? "chip-ok" : ""), chip(`更新 ${sheet.changed}`, sheet.changed ? "chip-warn" : ""),
        chip(`未变 ${sheet.unchanged}`), sheet.skipped ? chip(`跳过 ${sheet.skipped}`) : null,
        errors ? chip(`✕ 错误 ${errors}`, "chip-bad") : null, problems.length - errors ? chip(`! 提醒 ${problems.length - errors}`, "chip-warn") : null)),
    ...(sheet.columns?.length ? [el("h4", {}, "认出的列"), el("div", { class: "columns" }, ...sheet.columns.map(columnBox))] : []),
    ...(problems.length ? [el("h4", {}, "要看一眼的地方"), table(["程度", "行", "列", "说明", "原值"], problems.map(problemRow), `${sheet.sheet} 的问题`)] : []),
    ...(sheet.sample?.length ? [el("h4", {}, "前几行的样子"), table(["变化", "编号", "标题", "内容"], sheet.sample.map(sampleRow), `${sheet.sheet} 的样例`)] : []));
}

export function drawReport(box, report) {
  const { errors } = countProblems(report);
  const verdict = errors
    ? el("p", { class: "notice notice-warn" }, `有 ${errors} 处错误。请商家改好后重新拖入；或勾选“只导入没有问题的行”，先用上其余的行。`)
    : el("p", { class: "notice notice-ok" }, "没有错误，可以导入。");
  verdict.id = "report-verdict";
  box.replaceChildren(verdict, ...report.sheets.map(sheetBox));
}
