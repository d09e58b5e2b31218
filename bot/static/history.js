// Who brought in which file, and what it changed.
import { api } from "./api.js";
import { $, el } from "./dom.js";
import { ago, stamp } from "./format.js";

const KIND = { product: "商品表", faq: "问答表", phrase: "快捷短语", notice: "活动通知", handover: "店铺交接表", order: "订单表", chat: "聊天记录", learn: "反馈学习" };

function row(one) {
  const problems = Array.isArray(one.problems) ? one.problems.length : one.problems ?? 0;
  const number = (value, more = "") => el("td", { class: `t-num ${more}` }, String(value ?? 0));
  const kinds = (one.kind ?? "").split(/[,+、]/).filter(Boolean).map((kind) => KIND[kind] ?? kind).join("、");
  return el("tr", {}, el("td", { class: "t-time", title: stamp(one.at) }, ago(one.at)), el("td", { class: "t-file" }, one.file), el("td", { class: "t-soft t-wide" }, kinds || "—"),
    number(one.added), number(one.changed), number(one.unchanged, "t-wide"),
    el("td", { class: "t-num" }, problems ? el("span", { class: "chip chip-warn" }, `! ${problems}`) : "0"), el("td", { class: "t-soft t-wide" }, one.by || "—"));
}

export function mountHistory({ shop }) {
  let round = 0;
  return {
    async load() {
      const mine = ++round;
      try {
        const { imports } = await api.imports(shop().slug);
        if (mine !== round) return; // the trainer has moved to another shop meanwhile
        $("history-rows").replaceChildren(...imports.map(row));
        $("history-say").textContent = imports.length ? "" : "还没有导入过文件。";
      } catch (error) {
        if (mine !== round) return;
        $("history-rows").replaceChildren();
        $("history-say").textContent = error.message;
      }
    },
  };
}
