// The list of what a shop knows.
import { api } from "./api.js";
import { $, el } from "./dom.js";
import { KINDS, STATUS, ago, stamp } from "./format.js";
import { mountPaged } from "./paged.js";

const SCENES = ["售前", "售中", "售后"];

export function statusChip(status) {
  const { text, mark, chip } = STATUS[status] ?? STATUS.draft;
  return el("span", { class: `chip ${chip}` }, el("span", { "aria-hidden": "true" }, mark), text);
}

export function mountEntries({ shop, editor }) {
  let selected = null, rows = [];
  const scenes = new Set(SCENES);

  const filter = () => ({ q: $("entry-q").value.trim(), status: $("entry-status").value, kind: $("entry-kind").value, scene: $("entry-scene").value });

  /** The scenes are the merchant's own words, so the filter learns them from what it sees. */
  function learnScenes(entries) {
    entries.forEach((entry) => { if (entry.scene) scenes.add(entry.scene); });
    const chosen = $("entry-scene").value;
    $("entry-scene").replaceChildren(el("option", { value: "" }, "全部场景"), ...[...scenes].map((scene) => el("option", { value: scene }, scene)));
    $("entry-scene").value = chosen;
    $("scene-list").replaceChildren(...[...scenes].map((scene) => el("option", { value: scene })));
  }

  function row(entry) {
    const plus = entry.phrasings.filter((phrasing) => phrasing.polarity === "+").length;
    const about = [entry.key, entry.scene, KINDS[entry.kind] ?? entry.kind, entry.shortcut ? `/${entry.shortcut}` : ""].filter(Boolean).join(" · ");
    return el("tr", { class: "row", data: { id: entry.id }, "aria-selected": String(entry.id === selected), on: { click: () => open(entry.id) } },
      el("td", {}, el("button", { class: "row-open", type: "button" }, entry.question || entry.answers[0]?.text.slice(0, 30) || "（没有标题）"), el("span", { class: "row-key" }, about)),
      el("td", { class: "t-num" }, String(plus)),
      el("td", { class: "t-answer" }, el("span", { class: "clamp" }, entry.answers[0]?.text ?? "—")),
      el("td", { class: "t-status" }, statusChip(entry.status)),
      el("td", { class: "t-time", title: stamp(entry.updated_at) }, ago(entry.updated_at)));
  }

  function drawRows(entries) {
    rows = entries;
    learnScenes(entries);
    $("entry-rows").replaceChildren(...entries.map(row));
  }

  const list = mountPaged("entry", {
    fetchPage: async (offset, limit) => {
      const reply = await api.entries(shop().slug, { ...filter(), offset, limit });
      return { total: reply.total, rows: reply.entries };
    },
    drawRows,
    nothing: () => (Object.values(filter()).some(Boolean) ? "没有符合条件的条目" : "还没有知识条目：到“导入”拖入商家的表，或点“新建”。"),
  });

  function select(id) {
    selected = id;
    for (const node of $("entry-rows").children) node.setAttribute("aria-selected", String(node.dataset.id === id));
  }

  async function open(id) {
    if (id === selected && editor.isOpen()) return;
    if (await editor.open(id)) select(id);
  }

  $("entry-kind").append(...Object.entries(KINDS).map(([value, text]) => el("option", { value }, text)));
  for (const id of ["entry-status", "entry-kind", "entry-scene"]) $(id).addEventListener("change", () => list.first());
  $("entry-new").addEventListener("click", async () => { if (await editor.create()) select(null); });
  $("entry-rows").addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    const buttons = [...$("entry-rows").querySelectorAll(".row-open")];
    event.preventDefault();
    buttons[buttons.indexOf(document.activeElement) + step]?.focus();
  });
  document.addEventListener("huashu:shop", () => { scenes.clear(); SCENES.forEach((scene) => scenes.add(scene)); select(null); });

  return {
    load: list.load,
    select,
    /** Replace the one row in place: the list must not jump under a trainer who works down it. */
    saved(entry) {
      const index = rows.findIndex((one) => one.id === entry.id);
      selected = entry.id;
      if (index < 0) { list.first(); return; }
      rows[index] = entry;
      $("entry-rows").children[index].replaceWith(row(entry));
      learnScenes(rows);
    },
  };
}
