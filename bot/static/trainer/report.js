// What would happen to each sheet of a file, in the merchant's own coordinates (row 12, column E).
import { drawDecisions, isDecision, placeOf, wordsOf } from "./decisions.js";
import { el } from "../shared/dom.js";
import { CHANGES } from "../shared/format.js";
import { isUnsure } from "./mapping.js";

export function countProblems(report) {
  const all = (report?.sheets ?? []).flatMap((sheet) => sheet.problems ?? []);
  // A very bad file lists only its first problems; the totals count all of them.
  const errors = report?.errors_total ?? all.filter((problem) => problem.severity === "error").length;
  const total = report?.problems_total ?? all.length;
  return { errors, warnings: total - errors, total };
}

/** How many rows would come in, and how many of them change anything; leads of chat logs wait in 待学习. */
export function countGood(report) {
  const sum = (names) => (report?.sheets ?? []).reduce((total, sheet) => total + names.reduce((part, name) => part + (sheet[name] ?? 0), 0), 0);
  return { good: sum(["added", "changed", "unchanged", "leads"]), news: sum(["added", "changed", "leads"]), removed: sum(["removed"]) };
}

const chip = (text, kind = "") => el("span", { class: `chip ${kind} num` }, text);

/** A head that begins with "-" is left out on a narrow screen. */
function table(heads, rows, label) {
  return el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": label },
    el("table", { class: "table" }, el("thead", {}, el("tr", {}, ...heads.map((head) => el("th", { class: head.startsWith("-") ? "t-wide" : null }, head.replace(/^-/, ""))))), el("tbody", {}, ...rows)));
}

function problemRow(problem) {
  const bad = problem.severity === "error";
  return el("tr", { data: { severity: problem.severity, code: problem.code } },
    el("td", { class: "t-status" }, chip(bad ? "✕ 错误" : "! 提醒", bad ? "chip-bad" : "chip-warn")),
    el("td", { class: problem.quote ? "t-place" : "t-time" }, placeOf(problem)),
    el("td", {}, wordsOf(problem), problem.value ? el("span", { class: "clamp", title: problem.value }, `原值：${problem.value}`) : null));
}

const HOME = /^加到已有[：:]\s*/; // of a chat log: the phrasing goes to an entry that exists

function sampleRow(sample) {
  const home = HOME.test(sample.detail), change = home ? { text: "＋ 加到已有", chip: "chip-ok" } : CHANGES[sample.change] ?? CHANGES.unchanged;
  const key = home || sample.key.startsWith("h:") || sample.key === sample.title ? "—" : sample.key;
  return el("tr", {}, el("td", { class: "t-status" }, chip(change.text, change.chip)), el("td", { class: "t-soft t-key t-wide" }, key),
    el("td", { class: "t-title" }, sample.title), el("td", {}, el("span", { class: "clamp" }, home ? `→ ${sample.detail.replace(HOME, "")}` : sample.detail)));
}

/** A chat log is no list of rows: what was heard in it, and where that goes. */
function talksLine(sheet) {
  if (!sheet.talks) return null;
  const leads = sheet.leads ? `，${sheet.leads} 个问法可以加到已有的知识：导入后在“待学习”里逐条采纳` : "";
  return el("p", { class: "sheet-note" }, `读了 ${sheet.talks} 段会话：${sheet.groups} 组反复出现的回答${leads}。新条目都先存为草稿，看过再发布。`);
}

function counts(sheet, errors, warnings) {
  const marks = sheet.kind ? [chip(`新增 ${sheet.added}`, sheet.added ? "chip-ok" : ""), chip(`更新 ${sheet.changed}`, sheet.changed ? "chip-warn" : ""), chip(`未变 ${sheet.unchanged}`)] : [];
  return el("span", { class: "counts" }, ...marks, sheet.removed ? chip(sheet.retired ? `${sheet.written ? "" : "会"}下架 ${sheet.retired}` : `表里没有了 ${sheet.removed}`, "chip-warn") : null,
    sheet.skipped ? chip(`跳过 ${sheet.skipped}`) : null, errors ? chip(`✕ 错误 ${errors}`, "chip-bad") : null, warnings ? chip(`! 提醒 ${warnings}`, "chip-warn") : null);
}

function sheetBox(sheet, mapping) {
  const all = sheet.problems ?? [], errors = all.filter((one) => one.severity === "error").length;
  const listed = all.filter((one) => !isDecision(one)).sort((a, b) => (a.severity === b.severity ? 0 : a.severity === "error" ? -1 : 1));
  const total = sheet.problems_total ?? all.length, unseen = total - all.length;
  return el("section", { class: "sheet", data: { sheet: sheet.sheet } },
    el("header", { class: "sheet-head" }, el("h3", {}, sheet.sheet), mapping ? mapping.heading(sheet) : chip(sheet.kind_label),
      sheet.kind ? el("span", { class: "muted small num" }, `共 ${sheet.rows} 行`) : null, counts(sheet, errors, total - errors)),
    talksLine(sheet), mapping?.columns(sheet),
    ...(listed.length ? [el("h4", {}, "要看一眼的地方"), table(["程度", "位置", "说明"], listed.map(problemRow), `${sheet.sheet} 的问题`)] : []),
    unseen > 0 ? el("p", { class: "unseen small muted" }, `还有 ${unseen} 处没有列出，先改好上面这些，或下载标注好的表。`) : null,
    ...(sheet.sample?.length ? [el("h4", {}, sheet.talks ? "找到的前几条" : "前几行的样子"), table(["变化", "-编号", "标题", "内容"], sheet.sample.map(sampleRow), `${sheet.sheet} 的样例`)] : []));
}

function judge(report) {
  const { errors, warnings } = countProblems(report), { good, news, removed } = countGood(report);
  if (!report.sheets.some((sheet) => sheet.kind)) return ["bad", "没有可以导入的内容，原因见下。认错了类型或列时，就在下面改。"];
  if (!good) return ["bad", "没有一行可以导入。列认错了就在下面改；否则请商家改好后重新拖入。"];
  if (errors) return ["warn", `有 ${errors} 处错误。请商家改好后重新拖入；或勾选“只导入没有问题的行”，先用上其余的 ${good} 条。`];
  if (!news && !removed) return ["ok", "和店里现有的内容完全一样，不用再导入。"];
  const unsure = report.sheets.flatMap((sheet) => sheet.columns ?? []).filter(isUnsure).length, { conflicts = 0 } = report;
  const open = [unsure ? `${unsure} 列只是“像是”，请在下面确认` : "", conflicts ? `${conflicts} 处答复互相矛盾，请先核对` : ""].filter(Boolean);
  if (open.length) return ["warn", `没有错误，可以导入；但有 ${open.join("；有 ")}。`];
  return ["ok", warnings ? `没有错误，可以导入；有 ${warnings} 处提醒，请先看一眼。` : "没有错误，可以导入。"];
}

/** mapping: what a person may correct, null once it is written; extra: nodes beside the verdict. */
export function drawReport(box, report, { mapping = null, onRetire = null, extra = null } = {}) {
  const [kind, text] = judge(report);
  const verdict = el("div", { id: "report-verdict", class: `notice notice-${kind} verdict` }, el("p", {}, text), extra);
  box.replaceChildren(verdict, ...[drawDecisions(report, onRetire)].filter(Boolean), ...report.sheets.map((sheet) => sheetBox(sheet, mapping)));
}
