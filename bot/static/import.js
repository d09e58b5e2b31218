// A merchant's file comes in: look first, write second.
import { api, explain } from "./api.js";
import { $, el } from "./dom.js";
import { countGood, countProblems, drawReport } from "./report.js";

export function mountImport({ shop, toEntries }) {
  let file = null, report = null, round = 0, ticking = 0;

  function say(...parts) { $("import-say").replaceChildren(...parts); }

  /** Seconds, because a big sheet is embedded row by row and silence would look like a hang. */
  function working(text) {
    const began = Date.now();
    const tick = () => say(`${text}… ${Math.round((Date.now() - began) / 1000)} 秒`);
    tick();
    ticking = setInterval(tick, 1000);
    $("import-progress").classList.add("on");
    $("drop").setAttribute("aria-busy", "true");
  }
  function rested() {
    clearInterval(ticking);
    $("import-progress").classList.remove("on");
    $("drop").removeAttribute("aria-busy");
  }

  function fail(error) {
    const { whole, lines } = explain(error);
    $("import-error").hidden = false;
    $("import-error").replaceChildren(el("p", {}, whole),
      ...(lines.length ? [el("ul", {}, ...lines.map((line) => el("li", {}, line)))] : []));
  }

  function reset() {
    round += 1;
    file = report = null;
    rested();
    $("import-file").value = "";
    $("report").hidden = true;
    $("import-error").hidden = true;
    $("import-partial").checked = $("import-draft").checked = false;
    say("");
  }

  function allow() {
    const { errors } = countProblems(report), { good } = countGood(report);
    $("import-commit").disabled = !good || report.committed || (errors > 0 && !$("import-partial").checked);
    $("import-partial").closest("label").hidden = !errors;
    $("import-confirm").hidden = !good;
  }

  async function preview() {
    if (!file) return;
    const mine = ++round;
    rested();
    $("import-error").hidden = true;
    $("report").hidden = true;
    $("import-partial").checked = false;
    working(`正在读取《${file.name}》`);
    try {
      const reply = await api.importFile(shop().slug, file, { mode: "preview", sheet: $("import-sheet").value });
      if (mine !== round) return;
      report = reply;
      drawReport($("report-body"), report);
      $("report").hidden = false;
      say(countGood(report).good ? `《${report.file}》预览，还没有写入：${report.message}` : `《${report.file}》`);
      allow();
    } catch (error) {
      if (mine !== round) return;
      say("");
      fail(error);
    } finally {
      if (mine === round) rested();
    }
  }

  async function commit() {
    if (!file || !report) return;
    const mine = ++round;
    const options = { mode: "commit", sheet: $("import-sheet").value, partial: $("import-partial").checked, draft: $("import-draft").checked };
    $("import-commit").disabled = true;
    $("import-error").hidden = true;
    working("正在导入");
    try {
      const reply = await api.importFile(shop().slug, file, options);
      if (mine !== round) return;
      rested();
      report = reply;
      drawReport($("report-body"), report);
      if (!reply.committed) { say(reply.message || "没有写入：还有问题要处理。"); allow(); return; }
      const name = reply.file;
      reset();
      say(el("span", { class: "chip chip-ok" }, "✓ 已导入"), ` 《${name}》${reply.message}，用时 ${(reply.elapsed_ms / 1000).toFixed(1)} 秒　`,
        el("button", { class: "btn btn-small", type: "button", on: { click: toEntries } }, "去看知识条目"));
    } catch (error) {
      if (mine !== round) return;
      say("");
      fail(error);
      allow();
    } finally {
      if (mine === round) rested();
    }
  }

  function take(chosen) {
    if (!chosen) return;
    file = chosen;
    preview();
  }

  const drop = $("drop");
  $("import-file").addEventListener("change", (event) => take(event.target.files[0]));
  $("import-sheet").addEventListener("change", preview);
  $("import-partial").addEventListener("change", allow);
  $("import-commit").addEventListener("click", commit);
  $("import-cancel").addEventListener("click", reset);
  // On the whole page: a file dropped beside the box would otherwise open in place of the page and lose everything.
  for (const type of ["dragover", "drop"]) document.addEventListener(type, (event) => event.preventDefault());
  drop.addEventListener("dragover", () => drop.classList.add("over"));
  drop.addEventListener("dragleave", (event) => { if (!drop.contains(event.relatedTarget)) drop.classList.remove("over"); });
  drop.addEventListener("drop", (event) => { drop.classList.remove("over"); take(event.dataTransfer.files[0]); });
  document.addEventListener("huashu:shop", reset);
  return {};
}
