// The list of what a shop knows.
import { api } from "../shared/api.js";
import { $, el } from "../shared/dom.js";
import { KINDS, STATUS, ago, ownKey, stamp } from "../shared/format.js";
import { mountPaged } from "./paged.js";

const SCENES = ["售前", "售中", "售后"];

/** A published notice of last month's sale is published all the same, and no agent ever sees it: the list says so. */
function statusChip({ status, valid_from, valid_to }) {
  const now = Date.now() / 1000;
  const over = valid_to && valid_to < now, early = valid_from && valid_from > now;
  const { text, mark, chip } = STATUS[status] ?? STATUS.draft;
  if (status !== "published" || !(over || early)) return el("span", { class: `chip ${chip}` }, el("span", { "aria-hidden": "true" }, mark), text);
  return el("span", { class: "chip", title: `已发布，${over ? `${stamp(valid_to)} 失效` : `${stamp(valid_from)} 生效`}` },
    el("span", { "aria-hidden": "true" }, "◷"), over ? "已过期" : "未到时间");
}

export function mountEntries({ shop, editor }) {
  let selected = null, rows = [];
  const scenes = new Set(SCENES);

  const filter = () => ({ q: $("entry-q").value.trim(), status: $("entry-status").value, kind: $("entry-kind").value, scene: $("entry-scene").value });

  /** The scenes are the merchant's own words; what a trainer just typed counts before the next listing. */
  function learnScenes(more) {
    more.filter(Boolean).forEach((scene) => scenes.add(scene));
    const chosen = $("entry-scene").value;
    $("entry-scene").replaceChildren(el("option", { value: "" }, "全部场景"), ...[...scenes].map((scene) => el("option", { value: scene }, scene)));
    $("entry-scene").value = chosen;
    $("scene-list").replaceChildren(...[...scenes].map((scene) => el("option", { value: scene })));
  }

  function row(entry) {
    const plus = entry.phrasings.filter((phrasing) => phrasing.polarity === "+").length;
    // Quick phrases have no question: agents know them by their code.
    const title = entry.question || (entry.shortcut ? `/${entry.shortcut}` : "") || entry.category || "（没有标题）";
    const about = [ownKey(entry), entry.scene, KINDS[entry.kind] ?? entry.kind, entry.category, entry.shortcut ? `/${entry.shortcut}` : ""];
    const said = entry.answers[0]?.text ?? "—";
    return el("tr", { class: "row", data: { id: entry.id }, "aria-selected": String(entry.id === selected), on: { click: () => open(entry.id) } },
      el("td", {}, el("button", { class: "row-open", type: "button", title: title.length > 40 ? title : null }, el("span", { class: "row-title" }, title)),
        el("span", { class: "row-key" }, about.filter((part) => part && part !== title).join(" · ")), el("span", { class: "row-said clamp" }, said)),
      el("td", { class: "t-num" }, String(plus)),
      el("td", { class: "t-answer" }, el("span", { class: "clamp" }, said)),
      el("td", { class: "t-status" }, statusChip(entry)),
      el("td", { class: "t-time", title: stamp(entry.updated_at) }, ago(entry.updated_at)));
  }

  function drawRows(entries) {
    rows = entries;
    $("entry-rows").replaceChildren(...entries.map(row));
  }

  const list = mountPaged("entry", {
    fetchPage: async (offset, limit) => {
      const reply = await api.entries(shop().slug, { ...filter(), offset, limit });
      learnScenes(reply.scenes ?? []);
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
      learnScenes([entry.scene]);
    },
  };
}
