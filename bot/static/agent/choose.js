// An answer is taken — copied or put into the host's box — or refused, and each is recorded truthfully.
import { mayCopy, unless } from "./allow.js";
import { settle, turnFor, typed } from "./ask.js";
import { deliver } from "./deliver.js";
import { desk } from "./desk.js";
import { $, toast, variablesIn } from "../shared/dom.js";
import { drawTalk } from "./draw.js";
import { drawFates, flash } from "./hits.js";
import { host } from "../host/host.js";
import { claim } from "../live/claim.js";
import { drawHelp, leadAnswer } from "../live/help.js";
import { drawUpsell } from "../live/upsell.js";
import { wording } from "../record/record.js";
import { markStated } from "./stated.js";
import { askWhy, because, dismissWhy } from "./why.js";

const GLANCE = 400; // ms; answers that changed a moment ago have not been read yet

/** What the agent says goes into the chat: by hand at once; a live chat hears of it from its host. */
export function spoke(mine, text) {
  if (mine.live) { mine.copied = text; claim(mine); }
  else if (mine.turns.at(-1)?.text !== text) mine.add("agent", text);
  if (desk.talk === mine) drawTalk();
}

/** Where nobody tells the service of replies, the clock runs until the agent does. */
const thenSay = (mine) => (mine.live && host.kind === "standalone" ? "；发给买家后按 S" : "");

/** Copy an answer and note what it answered; `tell` records it once the message counts. False: not copied. */
export async function take(mine, text, tell, name) {
  const { shown } = mine;
  dismissWhy();
  // A key pressed ahead of the reply would send the previous answer.
  if (mine.between) { toast("答案还没出来，请稍等", true); return false; }
  if (!text) { toast(`${name}没有可发的话术`, true); return false; }
  const checked = await mayCopy(mine, text);
  if (!checked || mine.shown !== shown) return false;
  const done = await deliver(text, mine);
  if (!done) return false;
  if (shown && !shown.turn) { // chosen while typing: the text in the box was the whole message after all
    typed.cancel();
    $("message").value = "";
    settle(mine, shown.text, turnFor(mine, shown.text));
  }
  mine.took = null; // what is sent now is not what was copied before; `tell` says which card it is, if any
  tell();
  spoke(mine, text);
  const open = variablesIn(text);
  toast(`${done} ${name}${open.length ? `，发送前请填写 ${open.join("")}` : ""}${unless(checked)}${thenSay(mine)}`, Boolean(open.length));
  return desk.talk === mine;
}

/** Pushed answers may change under the finger: a key pressed in that instant was meant for the ones before. */
function changedJustNow(mine, rank) {
  const text = wording(mine.shown.reply.hits.find((hit) => hit.rank === rank) ?? {});
  return Boolean(mine.had?.size) && performance.now() - mine.since < GLANCE && mine.had.get(rank) !== text;
}

export async function use(rank) {
  const mine = desk.talk, { shown } = mine;
  const hit = shown?.reply.hits.find((one) => one.rank === rank);
  if (!hit) return;
  if (changedJustNow(mine, rank)) { toast("答案刚刚换过，请看一眼再按", true); return; }
  if (!(await take(mine, wording(hit), () => { shown.inserted(hit); mine.took = hit; }, `第${rank}条`))) return;
  drawFates(shown);
  flash(rank);
}

/** A product fact is copied like a script, but no entry earns the credit. */
export async function useFact(index) {
  const { shown } = desk.talk;
  const stated = shown?.reply.facts?.[index];
  if (stated && await take(desk.talk, stated.text, () => shown.fact(index), stated.product ? "商品事实" : "店铺信息")) markStated(index);
}

/** The agent's own words are copied like an answer; no entry earns the credit. */
export async function useOwn(text, name = "自己写的回复") {
  const mine = desk.talk;
  const checked = await mayCopy(mine, text);
  if (!checked) return false;
  const done = await deliver(text, mine);
  if (!done) return false;
  mine.took = null;
  spoke(mine, text);
  toast(`${done} ${name}${unless(checked)}${thenSay(mine)}`);
  return true;
}

export function rejectAll() {
  const mine = desk.talk, { shown } = mine;
  if (because(0) || mine.between || !shown?.open().length) return;
  if (!shown.turn) { $("message").value = ""; settle(mine, shown.text, turnFor(mine, shown.text)); }
  askWhy(shown);
}

/** What the team lead answered is copied like an answer; it is nobody's suggestion yet. */
export async function useLead() {
  const mine = desk.talk, answer = leadAnswer(mine);
  if (!answer || !(await useOwn(answer.text, "班长的答复"))) return;
  mine.lead = answer.id;
  drawHelp(mine);
}

/** An offer is a card of its own: taken, refused or passed over, so that it can be told whether offers sell. */
export async function useUpsell() {
  const { shown } = desk.talk, offer = shown?.offer;
  if (!offer || !(await useOwn(wording(offer), "推荐"))) return;
  shown.inserted(offer);
  drawUpsell(desk.talk.shown);
}

export function rejectUpsell() {
  const { shown } = desk.talk;
  if (!shown?.offer || shown.fate.get(shown.offer.rank) === "rejected") return;
  shown.rejected(shown.offer);
  toast("已记下：这个推荐不合适");
  drawUpsell(shown);
}
