// One entry, open for editing. Knows whether anything is unsaved and never loses it without asking.
import { addAnswer, fillAnswers, readAnswers } from "./answers.js";
import { api, explain } from "../shared/api.js";
import { $, el, toast, untoast } from "../shared/dom.js";
import { KINDS, STATUS, fromLocalInput, ownKey, stamp, toLocalInput } from "../shared/format.js";

const ORIGINS = { merchant: "商家提供", trainer: "训练师", feedback: "客服反馈", chat: "聊天记录" };
const BLANK = {
  id: null, kind: "faq", question: "", scene: "售前", category: "", shortcut: "", status: "draft", valid_from: null, valid_to: null,
  must_read: false, phrasings: [], answers: [], version: null,
};
const SAID = { published: "已发布，客服现在就能搜到", retired: "已下架，不会再被推荐", draft: "已存为草稿" };

const lines = (text) => [...new Set(text.split("\n").map((line) => line.trim()).filter(Boolean))];

export function mountEditor({ shop, onSaved, onClose }) {
  let entry = null, clean = "", busy = false, round = 0;

  function read() {
    const phrasings = [...lines($("f-plus").value).map((text) => ({ text, polarity: "+" })), ...lines($("f-minus").value).map((text) => ({ text, polarity: "-" }))];
    return {
      kind: $("f-kind").value, question: $("f-question").value.trim(), scene: $("f-scene").value.trim(), category: $("f-category").value.trim(),
      shortcut: $("f-shortcut").value.trim(), status: entry.status, valid_from: fromLocalInput($("f-from").value),
      valid_to: fromLocalInput($("f-to").value), must_read: $("f-must-read").checked, phrasings, answers: readAnswers(),
    };
  }
  const dirty = () => entry !== null && JSON.stringify(read()) !== clean;

  function mark() {
    if (!entry) return;
    $("editor-dirty").hidden = !dirty();
    $("f-plus-count").textContent = `每行一句，共 ${lines($("f-plus").value).length} 句`;
  }

  function alert(text, extra = []) {
    $("editor-alert").hidden = !text;
    $("editor-alert").replaceChildren(...(text ? [el("p", {}, text), ...extra] : []));
    if (text) $("editor-alert").scrollIntoView({ block: "nearest" });
  }

  function drawOrigin() {
    const facts = entry.id ? [["编号", ownKey(entry) || "没有"], ["来源", entry.source || ORIGINS[entry.origin] || entry.origin], ["版本", `第 ${entry.version} 版，${stamp(entry.updated_at)} 更新`]] : [];
    $("editor-origin").replaceChildren(...facts.flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value || "—")]));
  }

  function fill(next) {
    entry = next;
    const kinds = { ...KINDS, ...(KINDS[next.kind] ? {} : { [next.kind]: next.kind }) };
    $("f-kind").replaceChildren(...Object.entries(kinds).map(([value, text]) => el("option", { value }, text)));
    $("f-kind").value = next.kind;
    const values = { question: next.question, scene: next.scene, category: next.category, shortcut: next.shortcut, from: toLocalInput(next.valid_from), to: toLocalInput(next.valid_to) };
    for (const [name, value] of Object.entries(values)) $(`f-${name}`).value = value ?? "";
    $("f-window").open = Boolean(next.valid_from || next.valid_to);
    $("f-must-read").checked = Boolean(next.must_read);
    const said = (polarity) => next.phrasings.filter((one) => one.polarity === polarity).map((one) => one.text).join("\n");
    $("f-plus").value = said("+");
    $("f-minus").value = said("-");
    fillAnswers(next.answers, shop().platform, mark);
    const { text, mark: sign, chip } = STATUS[next.status] ?? STATUS.draft;
    $("editor-status").className = `chip ${chip}`;
    $("editor-status").textContent = next.id ? `${sign} ${text}` : "新条目";
    $("editor-title").textContent = next.id ? "编辑条目" : "新建条目";
    $("do-publish").disabled = next.status === "published";
    $("do-retire").disabled = !next.id || next.status === "retired";
    drawOrigin();
    alert("");
    $("editor-said").textContent = "";
    // Compared with what the fields hold, not with the server's copy: browsers trim and reformat on the way in.
    clean = JSON.stringify(read());
    $("editor-empty").hidden = true;
    $("editor-form").hidden = false;
    $("editor").classList.add("open");
    mark();
  }

  function close() {
    entry = null;
    round += 1;
    $("editor-form").hidden = true;
    $("editor-empty").hidden = false;
    $("editor").classList.remove("open");
    onClose();
  }

  async function fetchInto(id) {
    const mine = ++round;
    try {
      const next = await api.entry(shop().slug, id);
      if (mine !== round) return false;
      fill(next);
      $("editor-form").querySelector(".editor-body").scrollTop = 0;
      return true;
    } catch (error) {
      toast(explain(error).text, true);
      return false;
    }
  }

  function refused(error) {
    const { whole, lines: fields } = explain(error);
    if (error.status === 409) {
      const reload = el("button", { id: "conflict-reload", class: "btn btn-small", type: "button", on: { click: () => fetchInto(entry.id) } }, "载入最新版（放弃我的修改）");
      alert("保存期间有别人改过这条（HS-409）。你的修改还在下面，没有保存；可以先复制出来，再载入最新版。", [el("div", { class: "alert-row" }, reload)]);
      return;
    }
    const list = fields.length ? [el("ul", {}, ...fields.map((line) => el("li", {}, line)))] : [];
    alert(whole, list);
  }

  /** One door for save, publish and retire; status null keeps the present one. */
  async function store(status = null) {
    if (!entry || busy) return false;
    const body = { ...read(), ...(status ? { status } : {}) };
    if (!body.question && !body.answers.length) { alert("至少写下标准问题或一条话术。"); return false; }
    busy = true;
    const { slug } = shop();
    $("editor-said").textContent = "正在保存…";
    try {
      let saved;
      if (!entry.id) saved = await api.createEntry(slug, body);
      else if (status && !dirty()) saved = await api.setStatus(slug, entry.id, status, entry.version);
      else saved = await api.saveEntry(slug, entry.id, { ...body, version: entry.version });
      if (JSON.stringify(read()) === JSON.stringify({ ...body, status: entry.status })) fill(saved);
      else { entry = saved; clean = ""; mark(); drawOrigin(); } // typed on while it was saving: keep the newer text, still unsaved
      $("editor-said").textContent = status ? SAID[saved.status] : saved.status === "published" ? "已保存，立即生效" : "已保存";
      toast($("editor-said").textContent);
      onSaved(saved);
      return true;
    } catch (error) {
      $("editor-said").textContent = "没有保存";
      untoast(); // an earlier “saved” must not stand beside it
      refused(error);
      return false;
    } finally {
      busy = false;
    }
  }

  async function mayLeave() {
    if (!dirty()) return true;
    const dialog = $("unsaved");
    if (dialog.open) return false;
    dialog.returnValue = "stay"; // Esc means: keep editing
    dialog.showModal();
    await new Promise((done) => dialog.addEventListener("close", done, { once: true }));
    if (dialog.returnValue === "save") return store();
    if (dialog.returnValue !== "discard") return false;
    fill(entry.id ? entry : BLANK);
    return true;
  }

  $("editor-form").addEventListener("input", mark);
  $("editor-form").addEventListener("change", mark);
  $("editor-form").addEventListener("submit", (event) => { event.preventDefault(); store(); });
  $("do-publish").addEventListener("click", () => store("published"));
  $("do-retire").addEventListener("click", () => store("retired"));
  $("editor-close").addEventListener("click", async () => { if (await mayLeave()) close(); });
  $("answer-add").addEventListener("click", () => { addAnswer(null, shop().platform, mark).querySelector("textarea").focus(); mark(); });
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "s") { event.preventDefault(); store(); }
  });
  addEventListener("beforeunload", (event) => { if (dirty()) event.preventDefault(); });
  document.addEventListener("huashu:shop", close);

  return {
    mayLeave,
    isOpen: () => entry !== null,
    open: async (id) => (await mayLeave()) && fetchInto(id),
    async create() {
      if (!(await mayLeave())) return false;
      round += 1;
      fill({ ...BLANK });
      $("f-question").focus();
      return true;
    },
  };
}
