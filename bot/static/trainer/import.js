// A merchant's files come in: look first, correct what was misread, decide, and write as a job that can be watched.
import { api, explain } from "../shared/api.js";
import { $, el } from "../shared/dom.js";
import { newQueue } from "./files.js";
import { LOST, mountJobs } from "./job.js";
import { newMapping } from "./mapping.js";
import { countGood, countProblems, drawReport } from "./report.js";
import { SHEETS, downloadButton } from "./sheets.js";

export function mountImport({ shop, show }) {
  let turn = null, report = null, round = 0, ticking = 0, waitsFor = "";
  const queue = newQueue(), mapping = newMapping(preview);
  const jobs = mountJobs({ shop, onEnd: ended });

  function say(...parts) { $("import-say").replaceChildren(...parts); }

  /** Seconds, because a big sheet takes a while to read and silence would look like a hang. */
  function working(text) {
    const began = Date.now();
    const tick = () => say(`${text}… ${Math.round((Date.now() - began) / 1000)} 秒`);
    tick();
    ticking = setInterval(tick, 1000);
    $("import-progress").classList.add("on");
  }
  function rested() {
    clearInterval(ticking);
    $("import-progress").classList.remove("on");
  }

  function fail(error) {
    const { whole, lines } = explain(error);
    $("import-error").hidden = false;
    $("import-error").replaceChildren(el("p", {}, whole), ...(lines.length ? [el("ul", {}, ...lines.map((line) => el("li", {}, line)))] : []));
  }

  /** Nothing is open any more; what is said and what runs stays. */
  function close() {
    round += 1;
    turn = report = null;
    waitsFor = "";
    rested();
    mapping.forget();
    $("import-file").value = "";
    $("report").hidden = true;
    $("import-error").hidden = true;
    $("import-partial").checked = $("import-draft").checked = false;
    $("drop").classList.toggle("busy", queue.more);
  }
  function reset() { queue.clear(); close(); say(""); }

  const options = () => ({ sheet: $("import-sheet").value });
  const retires = () => Boolean($("import-retire")?.checked);

  function allow() {
    const { errors } = countProblems(report), { good, removed } = countGood(report);
    const able = good > 0 || (removed > 0 && retires());
    $("import-commit").disabled = !able || report.committed || Boolean(waitsFor) || (errors > 0 && !$("import-partial").checked);
    $("import-commit").hidden = !good && !removed;
    $("import-partial").closest("label").hidden = !errors;
    $("import-draft").closest("label").hidden = !good || report.sheets.every((sheet) => sheet.kind === "chat" || !sheet.kind); // always drafts
    $("import-confirm").hidden = !good && !removed && !queue.many;
    $("drop").classList.add("busy");
    $("import-cancel").textContent = queue.many ? "跳过这个文件" : "不导入";
  }

  function markedButton() {
    if (!countProblems(report).total) return null;
    const { file } = turn;
    return downloadButton("下载标注好的表", () => api.marked(shop().slug, file, options(), mapping.text), { title: "有问题的格子都标了颜色，写了批注，可以直接发给商家" });
  }

  function drawAll() {
    drawReport($("report-body"), report, { mapping: report.committed ? null : mapping, onRetire: allow, extra: markedButton() });
    $("report").hidden = false;
    allow();
  }

  async function preview(focus) {
    if (!turn || waitsFor) return;
    const mine = ++round, again = report, { file } = turn;
    rested();
    $("import-error").hidden = true;
    if (!again) { $("report").hidden = true; $("import-partial").checked = false; }
    queue.mark(turn, "reading");
    working(`正在读取《${file.name}》`);
    $("report").setAttribute("aria-busy", "true");
    try {
      const reply = await api.preview(shop().slug, file, options(), mapping.text);
      if (mine !== round) return;
      report = reply;
      queue.mark(turn, "preview");
      drawAll();
      say(countGood(report).good ? `《${report.file}》预览，还没有写入：${report.message}` : `《${report.file}》`);
    } catch (error) {
      if (mine !== round) return;
      refused(error, again);
    } finally {
      if (mine === round) { rested(); $("report").removeAttribute("aria-busy"); }
    }
    if (mine === round && focus) $("report").querySelector(focus)?.focus({ preventScroll: true });
  }

  /** A correction that does not fit leaves what was there; a file that cannot be read makes way for the next. */
  function refused(error, again) {
    say("");
    if (again) {
      mapping.takeBack();
      queue.mark(turn, "preview");
      drawAll();
      fail(error);
      return;
    }
    if (!queue.many) { queue.clear(); turn = null; fail(error); return; }
    queue.mark(turn, "failed", explain(error).whole);
    close();
    next();
  }

  async function commit() {
    if (!turn || !report || waitsFor) return;
    const mine = ++round, wanted = { ...options(), partial: $("import-partial").checked, draft: $("import-draft").checked, retire: retires() || null, retire_most: (retires() && report.most_removed) || null };
    $("import-commit").disabled = true;
    $("import-error").hidden = true;
    working("正在交给服务");
    try {
      const job = await api.startJob(shop().slug, turn.file, wanted, mapping.text);
      if (mine !== round) return;
      waitsFor = job.id;
      queue.mark(turn, "importing");
      $("report").hidden = true;
      say("");
      jobs.follow(job);
      $("jobs").querySelector(`[data-id="${CSS.escape(job.id)}"] button`)?.focus();
    } catch (error) {
      if (mine !== round) return;
      say("");
      fail(error);
      allow();
    } finally {
      if (mine === round) rested();
    }
  }

  /** A job of this page has come to its end; the one that is waited for gives the file's turn to the next. */
  function ended(job) {
    const ours = job.id === waitsFor;
    if (ours) waitsFor = "";
    if (job.state === "done" && job.report?.committed) return succeeded(job, ours);
    if (job.state === "done" && ours) return undecided(job.report);
    return stopped(job, ours);
  }

  function succeeded(job, ours) {
    const { report: done } = job, corrected = ours && mapping.text;
    const talks = done.sheets.some((sheet) => sheet.leads), form = done.sheets.some((sheet) => sheet.kind === "handover"), goods = done.sheets.some((sheet) => sheet.kind === "product");
    const [tab, where] = talks ? ["lessons", "去看待学习"] : form || goods ? ["products", form ? "去看店铺信息" : "去看商品"] : ["entries", "去看知识条目"];
    if (ours) { queue.mark(turn, "done", done.message); close(); }
    if (next()) return;
    say(el("span", { class: "chip chip-ok" }, "✓ 已导入"), ` 《${done.file}》${done.message}，用时 ${(done.elapsed_ms / 1000).toFixed(1)} 秒${corrected ? "；改过的列已记住" : ""}　`,
      el("button", { class: "btn btn-small", type: "button", on: { click: () => { if (form) $("profile").open = true; show(tab); } } }, where), " ",
      el("button", { class: "btn btn-small", type: "button", on: { click: () => show("history") } }, "导入记录与撤销"));
    if (ours) $("import-say").querySelector("button").focus({ preventScroll: true });
  }

  /** Something is wrong that was not when it was looked at: a colleague was faster. Nothing was written. */
  function undecided(reply) {
    report = reply;
    queue.mark(turn, "preview");
    drawAll();
    say(report.message || "没有写入：还有问题要处理。");
  }

  function stopped(job, ours) {
    const file = job.file ? `《${job.file}》` : "", { title = "", detail = "", remedy = "" } = job.problem ?? {};
    const cancelled = job.state === "cancelled";
    const why = cancelled ? `${file}已取消，没有写入任何内容。再导入同一个文件会接着上次的进度。` : job.state === "lost" ? `${file}${LOST}` : `${file}没有导入：${[detail || title || job.report?.message, remedy].filter(Boolean).join("")}`;
    say(el("span", { class: `chip ${cancelled ? "" : "chip-bad"}` }, cancelled ? "− 已取消" : "✕ 没有导入"), ` ${why}`);
    if (!ours) return;
    if (queue.many) { queue.mark(turn, cancelled ? "cancelled" : "failed", cancelled ? "" : why); close(); next(); return; }
    queue.mark(turn, "preview");
    drawAll(); // nothing was written, so the file is still there to be imported
    $("import-commit").focus({ preventScroll: true });
  }

  /** Looks at the file whose turn it is; false when none waits. */
  function next() {
    if (turn) return true;
    turn = queue.next();
    if (!turn) return false;
    preview();
    return true;
  }

  function skip() {
    if (!queue.more && !queue.many) { reset(); return; }
    queue.mark(turn, "skipped");
    close();
    say("");
    next();
  }

  function take(files) {
    if (!files?.length) return;
    // One file on top of one that was only looked at means that one instead; several stand in line.
    if (!waitsFor && files.length === 1 && !queue.more && !queue.many) { close(); queue.clear(); }
    queue.add(files);
    next();
    $("import-file").value = "";
  }

  const drop = $("drop");
  $("templates").append(...Object.entries(SHEETS).map(([kind, name]) =>
    downloadButton(name, () => api.template(shop().slug, kind), { title: `下载空白的${name}，附填写说明` })));
  $("import-file").addEventListener("change", (event) => take([...event.target.files]));
  $("import-sheet").addEventListener("change", () => { if (!waitsFor) { mapping.forget(); report = null; preview(); } }); // what runs is sent
  $("import-partial").addEventListener("change", allow);
  $("import-commit").addEventListener("click", commit);
  $("import-cancel").addEventListener("click", skip);
  // On the whole page: a file dropped beside the box would otherwise open in place of the page and lose everything.
  for (const type of ["dragover", "drop"]) document.addEventListener(type, (event) => event.preventDefault());
  drop.addEventListener("dragover", () => drop.classList.add("over"));
  drop.addEventListener("dragleave", (event) => { if (!drop.contains(event.relatedTarget)) drop.classList.remove("over"); });
  drop.addEventListener("drop", (event) => { drop.classList.remove("over"); take([...event.dataTransfer.files]); });
  document.addEventListener("huashu:shop", reset);
  return { load: jobs.load };
}
