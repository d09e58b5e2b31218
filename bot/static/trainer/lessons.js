// What agents' choices suggest the shop should learn: judged by the gold messages, decided by the trainer.
import { api, explain } from "../shared/api.js";
import { $, el, toast } from "../shared/dom.js";
import { ago, stamp } from "../shared/format.js";

const VERDICTS = {
  harmless: { text: "无害", mark: "✓", chip: "chip-ok" },
  harmful: { text: "有害", mark: "✕", chip: "chip-bad" },
  open: { text: "待确认", mark: "?", chip: "chip-warn" },
};
const NOTHING = "没有待学习的说法。客服采用或否定推荐以后反复出现的说法，和导入的聊天记录里找到的问法，会列在这里。";

function evidence({ trial, verdict }) {
  if (!trial) return verdict === "open" ? "评测还判断不了，请您决定" : "";
  const { answerable, right_before, right_after, refused, offered_before, offered_after, lost } = trial;
  if (lost.length) return `会变差：${lost.slice(0, 2).map((text) => `“${text}”`).join("、")}`;
  return `${answerable} 条有答案：答对 ${right_before}→${right_after}；${refused} 条应拒答：误答 ${offered_before}→${offered_after}`;
}

function voices({ support, against, agents, polarity }) {
  const did = polarity === "+" ? "采用" : "否定", not = polarity === "+" ? "否定" : "采用";
  if (!agents) return `聊天记录里 ${support} 段会话这样问答${against ? `；${not} ${against} 次` : ""}`;
  return `${did} ${support} 次，${agents} 人${against ? `；${not} ${against} 次` : ""}`;
}

export function mountLessons({ shop }) {
  let round = 0, total = 0, proposals = [];

  function say(text) { $("lesson-say").textContent = text; }

  function row(one) {
    const { text, mark, chip } = VERDICTS[one.verdict] ?? VERDICTS.open;
    const learns = one.polarity === "+";
    const button = (name, label, more, act) => el("button", {
      class: `btn btn-small ${more}`, type: "button", data: { act: name }, on: { click: act },
      "aria-label": `${label}：${one.text}`, disabled: name === "accept" && one.verdict === "harmful",
    }, label);
    return el("tr", { data: { id: one.id, verdict: one.verdict } },
      el("td", {}, el("span", { class: "lesson-text" }, one.text),
        el("span", { class: "row-key" }, learns ? "作为相似问 → " : "作为反例，不再推荐 → ", one.title || "（没有标题）"),
        el("span", { class: "row-key lesson-from" }, one.agents ? "来自客服的选择" : "来自聊天记录")),
      el("td", { class: "t-soft t-wide", title: one.last_seen ? stamp(one.last_seen) : null }, voices(one), one.agents ? el("span", { class: "row-key" }, ago(one.last_seen)) : null),
      el("td", {}, el("span", { class: `chip ${chip}` }, el("span", { "aria-hidden": "true" }, mark), text),
        el("span", { class: "row-key" }, evidence(one))),
      el("td", { class: "lesson-acts" },
        button("accept", "采纳", "btn-main", () => decide("accept", [one])), button("dismiss", "忽略", "", () => decide("dismiss", [one]))));
  }

  function draw() {
    $("lesson-rows").replaceChildren(...proposals.map(row));
    $("lesson-count").textContent = total ? `共 ${total} 条${total > proposals.length ? `，先看 ${proposals.length} 条` : ""}` : "";
    $("lesson-all").disabled = !proposals.some((one) => one.verdict === "harmless");
    say(proposals.length ? "" : NOTHING);
  }

  async function load() {
    const mine = ++round;
    $("lesson-progress").classList.add("on");
    if (!proposals.length) say("正在用评测消息试一遍…");
    try {
      const reply = await api.proposals(shop().slug);
      if (mine !== round) return; // the trainer has moved to another shop meanwhile
      ({ total, proposals } = reply);
      $("lesson-gold").hidden = reply.gold > 0 || !total;
      draw();
    } catch (error) {
      if (mine !== round) return;
      proposals = [];
      draw();
      say(explain(error).whole);
    } finally {
      if (mine === round) $("lesson-progress").classList.remove("on");
    }
  }

  /** The row goes, the focus stays at its place: a trainer works down the list with one key. */
  function take(gone, act) {
    const ids = new Set(gone.map((one) => one.id));
    const at = proposals.findIndex((one) => ids.has(one.id));
    proposals = proposals.filter((one) => !ids.has(one.id));
    total -= ids.size;
    draw();
    const next = $("lesson-rows").children[Math.min(at, proposals.length - 1)];
    (next?.querySelector(`[data-act="${act}"]:not(:disabled)`) ?? next?.querySelector("[data-act]:not(:disabled)") ?? $("tab-lessons")).focus();
    if (!proposals.length && total) load();
  }

  async function decide(act, chosen) {
    const mine = round;
    $("lesson-progress").classList.add("on");
    try {
      await api.decide(shop().slug, act, chosen.map((one) => one.id));
      if (mine !== round) return;
      take(chosen, act);
      toast(act === "accept" ? `已采纳 ${chosen.length} 条，立即生效` : "已忽略，以后不再提出");
    } catch (error) {
      if (mine !== round) return;
      toast(explain(error).whole, true);
      if ([404, 409].includes(error.status)) load(); // a colleague was here first
    } finally {
      $("lesson-progress").classList.remove("on");
    }
  }

  $("lesson-all").addEventListener("click", () => decide("accept", proposals.filter((one) => one.verdict === "harmless")));
  $("lesson-rows").addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key], here = event.target.closest("[data-act]");
    if (!step || !here) return;
    event.preventDefault();
    const same = [...$("lesson-rows").querySelectorAll(`[data-act="${here.dataset.act}"]:not(:disabled)`)];
    same[same.indexOf(here) + step]?.focus();
  });
  document.addEventListener("huashu:shop", () => { round += 1; proposals = []; total = 0; $("lesson-gold").hidden = true; draw(); say(""); });
  return { load };
}
