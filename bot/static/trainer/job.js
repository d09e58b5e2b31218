// Imports under way: how far, how fast, how long still. They run in the service, so leaving the page stops nothing; a
// page that comes back finds them again.
import { api, explain } from "../shared/api.js";
import { $, el, toast } from "../shared/dom.js";

const STAGES = { reading: "读取", comparing: "比对", embedding: "生成向量", writing: "写入" };
const STEPS = Object.keys(STAGES);
const BEAT = 500; // ms between two questions
export const LOST = "服务重启过，这次导入中断了。请看导入记录里有没有它；没有就再导入同一个文件，会接着上次的进度。";

const number = (n) => n.toLocaleString("en-US");
function span(seconds) {
  if (seconds < 60) return `${Math.max(1, Math.round(seconds))} 秒`;
  return seconds < 3600 ? `${Math.round(seconds / 60)} 分钟` : `${(seconds / 3600).toFixed(1)} 小时`;
}

/** "第 3 步，共 4 步：生成向量 320 / 1,200 条 · 每秒 25 条 · 大约还要 35 秒" */
function words(job) {
  if (job.state === "queued") return "排队等着：同一家店的文件一个接一个导入";
  if (!job.stage) return "马上开始";
  const step = `第 ${STEPS.indexOf(job.stage) + 1} 步，共 ${STEPS.length} 步：${STAGES[job.stage]}`;
  if (job.stage !== "embedding" || !job.total) return step;
  return [`${step} ${number(job.done)} / ${number(job.total)} 条`, job.rate ? `每秒 ${job.rate < 10 ? job.rate.toFixed(1) : number(Math.round(job.rate))} 条` : null,
    job.eta_s !== null && job.eta_s !== undefined ? `大约还要 ${span(job.eta_s)}` : null].filter(Boolean).join(" · ");
}

// The ids of jobs that this page started and has not told the end of, so that a reload does not lose their outcome.
const memory = (slug) => `huashu.jobs.${slug}`;
function remembered(slug) {
  try { return JSON.parse(sessionStorage.getItem(memory(slug)) ?? "[]").map(String); } catch { return []; }
}
const remember = (slug, ids) => sessionStorage.setItem(memory(slug), JSON.stringify(ids));

/** onEnd(job) for every job of ours that has ended: a job of the API, or {id, state: "lost"} for one that nobody knows any more. */
export function mountJobs({ shop, onEnd }) {
  const live = new Map(); // id → {job, node, told}
  let timer = 0, round = 0;

  function draw(entry) {
    const { job, node } = entry, bar = node.querySelector("progress"), text = words(job);
    if (job.stage === "embedding" && job.total) { bar.max = job.total; bar.value = job.done; } else bar.removeAttribute("value");
    node.querySelector(".job-say").textContent = text;
    node.querySelector("button").hidden = job.stage === "writing";
    // Read out at each step and at each quarter: a voice that counts along would never be silent.
    const mark = `${job.state}${job.stage}${job.total ? Math.floor((4 * job.done) / job.total) : ""}`;
    if (entry.told !== mark) { entry.told = mark; $("job-live").textContent = `《${job.file}》${text}`; }
  }

  function open(job) {
    const button = el("button", { class: "btn btn-small", type: "button", "aria-label": `取消导入《${job.file}》` }, "取消导入");
    const node = el("li", { class: "job", data: { id: job.id } },
      el("p", { class: "job-head" }, el("strong", {}, `正在导入《${job.file}》`), el("span", { class: "small muted" }, job.by ? `${job.by}发起` : ""), el("span", { class: "grow" }), button),
      el("progress", { "aria-label": `《${job.file}》的进度` }), el("p", { class: "job-say small muted num" }),
      el("p", { class: "small muted" }, "可以离开这一页，导入会在后台继续。"));
    button.addEventListener("click", () => cancel(job.id, button));
    live.set(job.id, { job, node, told: "" });
    $("jobs").append(node);
    draw(live.get(job.id));
  }

  async function cancel(id, button) {
    button.disabled = true;
    button.textContent = "正在取消…";
    try { take(await api.cancelJob(shop().slug, id)); } catch (error) { if (error.status === 404) take({ id, state: "lost" }); else { button.disabled = false; button.textContent = "取消导入"; } }
  }

  function take(job) {
    const entry = live.get(job.id);
    if (!entry) return;
    const ended = job.ended_at || job.state === "lost";
    entry.job = { ...entry.job, ...job };
    if (!ended) { draw(entry); return; }
    entry.node.remove();
    live.delete(job.id);
    const ours = remembered(shop().slug);
    remember(shop().slug, ours.filter((id) => id !== job.id));
    if (ours.includes(job.id)) onEnd(entry.job);
    else if (job.report?.committed) toast(`${job.by}导入的《${job.file}》已写入`);
  }

  async function beat() {
    const mine = round;
    for (const id of [...live.keys()]) {
      try {
        const job = await api.job(shop().slug, id);
        if (mine !== round) return;
        take(job);
      } catch (error) {
        if (mine !== round) return;
        if (error.status === 404) take({ id, state: "lost" });
        else if (live.has(id)) live.get(id).node.querySelector(".job-say").textContent = `${explain(error).text}，正在重新连接；导入在服务里继续`;
      }
    }
    if (live.size) timer = setTimeout(beat, BEAT);
  }
  function watch() { clearTimeout(timer); if (live.size) timer = setTimeout(beat, BEAT / 2); }

  /** The shop's jobs that still run, whoever began them, and the outcome of ours that ended while the page was away. */
  async function load() {
    const mine = round, slug = shop().slug;
    try {
      const { jobs } = await api.jobs(slug);
      if (mine !== round) return;
      for (const job of jobs.filter((one) => !one.ended_at && !live.has(one.id))) open(job);
      const ours = remembered(slug).filter((id) => !live.has(id));
      remember(slug, remembered(slug).filter((id) => live.has(id)));
      for (const id of ours) onEnd(jobs.find((job) => job.id === id) ?? { id, state: "lost", file: "" });
      watch();
    } catch { /* the list of jobs is a courtesy; what fails here fails again where it matters */ }
  }

  document.addEventListener("huashu:shop", () => {
    round += 1;
    clearTimeout(timer);
    live.clear();
    $("jobs").replaceChildren();
    $("job-live").textContent = "";
  });
  return {
    load,
    follow(job) { remember(shop().slug, [...remembered(shop().slug), job.id]); open(job); watch(); },
  };
}
