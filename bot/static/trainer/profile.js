// What the shop says of itself (店铺信息), each with the cell it came from.
import { api, explain } from "../shared/api.js";
import { $, el } from "../shared/dom.js";
import { factText } from "../shared/format.js";

const REMARK = /（备注）$/;

/** A remark beside a value belongs to it: {fact, remark}. */
function paired(facts) {
  const remarks = new Map(facts.filter((fact) => REMARK.test(fact.name)).map((fact) => [fact.name.replace(REMARK, ""), fact]));
  const names = new Set(facts.map((fact) => fact.name));
  return facts.filter((fact) => !REMARK.test(fact.name) || !names.has(fact.name.replace(REMARK, "")))
    .map((fact) => ({ fact, remark: remarks.get(fact.name) }));
}

function row({ fact, remark }) {
  return el("div", {}, el("dt", {}, fact.name), el("dd", {}, factText(fact)),
    remark ? el("dd", { class: "fact-remark", title: remark.source || null }, `备注：${factText(remark)}`) : null,
    fact.source ? el("dd", { class: "fact-from" }, fact.source) : null);
}

export function mountProfile({ shop }) {
  let round = 0;

  function draw(facts) {
    $("profile-rows").replaceChildren(...paired(facts).map(row));
    $("profile-count").textContent = facts.length ? `${paired(facts).length} 项` : "还没有";
  }

  async function load() {
    const mine = ++round;
    try {
      const { facts } = await api.profile(shop().slug);
      if (mine !== round) return; // the trainer has moved to another shop meanwhile
      draw(facts);
      $("profile-say").textContent = facts.length ? "" : "还没有：到“导入”拖入店铺交接表，发货地、快递、售后标准等会列在这里。账号密码不会读取。";
    } catch (error) {
      if (mine !== round) return;
      draw([]);
      $("profile-say").textContent = explain(error).whole;
    }
  }

  document.addEventListener("huashu:shop", () => { round += 1; draw([]); $("profile-say").textContent = ""; });
  return { load };
}
