// What a person says a sheet is: its kind, its header row, and what each column means. Sent along with every look at
// the file and with the import, which remembers it for the shop.
import { el } from "../shared/dom.js";
import { SHEETS } from "./sheets.js";

const ATTRIBUTE = "fact", LEFT_OUT = ""; // beside a kind's own fields
const MANY = 4, CALM = 16; // columns named in the heading; columns up to which a list without doubts stands open
const USES = { skip: LEFT_OUT, person: LEFT_OUT, "": LEFT_OUT };

const usedAs = (column) => USES[column.field] ?? column.field;
const isSecret = (column) => column.field === "secret";
export const isUnsure = (column) => column.sure === false && Boolean(usedAs(column));

/** A form has no columns, so no sheet is corrected into one here; the whole file can be read as one (按…读取). */
const kindsOf = (shown) => Object.entries(SHEETS).filter(([kind]) => kind !== "handover" || kind === shown);

/** Required fields that no column has been understood as. */
export const missing = (sheet) =>
  (sheet.fields ?? []).filter((field) => field.required && !sheet.columns.some((column) => column.field === field.field));

function options(sheet, column) {
  const chosen = usedAs(column);
  const one = (value, label) => el("option", { value, selected: value === chosen }, label);
  return [one(LEFT_OUT, "不导入"), ...(sheet.fields ?? []).map((field) => one(field.field, field.label + (field.required ? " *" : ""))),
    ...(sheet.seems === "product" ? [one(ATTRIBUTE, "商品属性")] : [])];
}

/** changed(focus): look again; `focus` finds the control that was used in what is drawn then. */
export function newMapping(changed) {
  let said = {}, before = {};

  function correct(sheet, make, focus) {
    before = said;
    const old = said[sheet.sheet] ?? {};
    said = { ...said, [sheet.sheet]: make({ kind: sheet.seems || undefined, ...old, columns: { ...old.columns } }) };
    changed(focus);
  }

  /** A field that stands once moves from the column that had it: two columns of one meaning would be refused. */
  function setColumn(sheet, column, value, focus) {
    const once = sheet.fields.some((field) => field.field === value && !field.repeats);
    correct(sheet, (now) => {
      if (once) {
        for (const other of sheet.columns) if (other.column !== column.column && usedAs(other) === value) now.columns[other.column] = LEFT_OUT;
      }
      now.columns[column.column] = value;
      return now;
    }, focus);
  }

  function columnBox(sheet, column) {
    const name = column.header || "（空表头）", key = `${sheet.sheet}|${column.column}`;
    const head = [el("i", {}, column.column), el("span", { class: "column-name", title: name }, name)];
    if (isSecret(column)) return el("li", { class: "column unknown" }, ...head, el("span", { class: "muted" }, "账号密码，不读取"));
    const unsure = isUnsure(column), corrected = column.column in (said[sheet.sheet]?.columns ?? {});
    const select = el("select", { "aria-label": `${column.column} 列“${name}”是什么`, data: { column: key },
      on: { change: (event) => setColumn(sheet, column, event.target.value, `[data-column="${CSS.escape(key)}"]`) } }, ...options(sheet, column));
    return el("li", { class: `column${usedAs(column) ? "" : " unknown"}${unsure ? " unsure" : ""}`, data: { letter: column.column } }, ...head, select,
      unsure ? el("span", { class: "column-doubt" }, `像是“${column.field_label}”，请确认`,
        el("button", { class: "btn btn-small", type: "button", "aria-label": `${column.column} 列确认是“${column.field_label}”`,
          on: { click: () => setColumn(sheet, column, column.field, `[data-column="${CSS.escape(key)}"]`) } }, "✓ 没错")) : null,
      corrected ? el("span", { class: "column-said small" }, "✎ 您改的") : null);
  }

  function columnsTitle(sheet) {
    const unsure = sheet.columns.filter(isUnsure).length, left = sheet.columns.filter((column) => !usedAs(column));
    const need = missing(sheet).map((field) => field.label), names = left.slice(0, MANY).map((column) => column.header || column.column).join("、");
    return [el("span", {}, `认出 ${sheet.columns.length - left.length} 列${left.length ? `，不导入 ${left.length} 列：${names}${left.length > MANY ? "等" : ""}` : ""}`),
      unsure ? el("span", { class: "chip chip-warn num" }, `? 待确认 ${unsure}`) : null,
      need.length ? el("span", { class: "chip chip-bad" }, `✕ 缺少${need.join("、")}`) : null, el("span", { class: "mapping-open" }, "查看与修改")];
  }

  /** Every column with what it was understood as, to be corrected on the spot; folded away where nothing asks for it. */
  function columns(sheet) {
    if (!sheet.columns?.length || !sheet.fields?.length) return null;
    const asks = sheet.columns.some(isUnsure) || missing(sheet).length > 0 || Boolean(said[sheet.sheet]);
    return el("details", { class: "mapping", open: asks || (innerWidth > 720 && sheet.columns.length <= CALM) },
      el("summary", {}, ...columnsTitle(sheet)),
      el("ul", { class: "columns" }, ...sheet.columns.map((column) => columnBox(sheet, column))),
      el("p", { class: "small muted mapping-foot" }, said[sheet.sheet] ? "您改过的会在确认导入时记住，这家店下次遇到同样的表头就不用再改。* 必填" : "认错了就在这里改，改完立即重新预览。* 必填"));
  }

  /** Which kind of sheet it is and where its header stands. */
  function heading(sheet) {
    const kindKey = `${sheet.sheet}|kind`, rowKey = `${sheet.sheet}|row`;
    const setKind = (event) => correct(sheet, (now) => ({ header_row: now.header_row, kind: event.target.value || undefined, columns: {} }), `[data-column="${CSS.escape(kindKey)}"]`);
    const setRow = (event) => {
      if (event.target.value !== "") correct(sheet, (now) => ({ ...now, header_row: Number(event.target.value), columns: {} }), `[data-column="${CSS.escape(rowKey)}"]`);
    };
    const shown = sheet.kind || sheet.seems;
    return el("span", { class: `sheet-is${shown ? "" : " unsaid"}` },
      el("select", { "aria-label": `工作表“${sheet.sheet}”的类型`, data: { column: kindKey }, on: { change: setKind } },
        el("option", { value: "", selected: !shown }, shown ? "自动识别" : "没有认出，请选择"), ...kindsOf(shown).map(([kind, name]) => el("option", { value: kind, selected: kind === shown }, name))),
      sheet.fields?.length && sheet.header_row ? el("label", { class: "inline small" }, "表头在第 ",
        el("input", { type: "number", min: "1", max: "100000", value: String(sheet.header_row), "aria-label": `工作表“${sheet.sheet}”的表头行号`, data: { column: rowKey }, on: { change: setRow } }), " 行") : null);
  }

  return {
    columns, heading,
    get text() { return Object.keys(said).length ? JSON.stringify({ sheets: said }) : ""; },
    forget() { said = before = {}; },
    takeBack() { said = before; }, // the server would not have it
  };
}
