// May this text leave the page? It is checked first; what is blocked is insisted on with a second key or stays.
import { Verdicts, drawUnder, insist } from "./check.js";
import { desk } from "./desk.js";
import { $, toast } from "../shared/dom.js";
import { wording } from "../record/record.js";

const verdicts = new Verdicts();

export const verdictOn = (talk, text) => verdicts.of(talk.shop.slug, text);
export const forgetVerdicts = () => verdicts.forget();

/** What the check finds in the texts on screen stands under each of them before anybody copies it. */
export function drawVerdicts() {
  const mine = desk.talk, reply = mine.shown?.reply;
  const cards = [...$("hits").children].map((node) => [node, reply?.hits.find((hit) => hit.rank === Number(node.dataset.rank))]).map(([node, hit]) => [node, hit && wording(hit)]);
  cards.push(...[...$("stated").children].map((node) => [node, reply?.facts[Number(node.dataset.index)]?.text]));
  for (const [node, text] of cards) {
    if (text) verdictOn(mine, text).then((verdict) => { if (node.isConnected) drawUnder(node, verdict); });
  }
}

/** "checked", "unchecked" (nobody could be asked: it is said), or false: it stays. */
export async function mayCopy(mine, text) {
  const verdict = await verdictOn(mine, text);
  if (desk.talk !== mine) return false; // another buyer is on screen by now: it would go to the wrong one
  if (verdict.blocked && !(await insist(verdict, mine.shop.name))) { toast("没有复制：先按检查结果改一改", true); return false; }
  mine.despite = verdict.blocked ? verdict.findings.filter((one) => one.severity === "block").map((one) => one.rule) : [];
  return desk.talk === mine && (verdict.unchecked ? "unchecked" : "checked");
}

export const unless = (checked) => (checked === "unchecked" ? "（服务连不上，没有检查，请核对店铺）" : "");
