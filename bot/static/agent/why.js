// "None fits", and why, in one more key. The record waits for the reason as long as the answers stand; leaving them ends it.
import { desk } from "./desk.js";
import { $, toast } from "../shared/dom.js";
import { drawFate, drawFates } from "./hits.js";

export const REASONS = [["irrelevant", "答非所问"], ["wrong", "内容不对"], ["outdated", "过时了"], ["tone", "语气不合适"]];
const PATIENCE = 6000; // ms; later a digit means an answer again
let asking = null; // the Record whose reason is asked for
let timer = 0;

/** Tell the record what was rejected, with the reason if one was given. */
function finish(reason = "") {
  const record = asking;
  if (!record) return false;
  asking = null;
  clearTimeout(timer);
  $("why").hidden = true;
  $("reject-all").hidden = false;
  record.open().forEach((hit) => record.rejected(hit, reason));
  if (desk.talk.shown === record) drawFates(record);
  return true;
}

/** Something else began: what was rejected is told without a reason. */
export function ended(talk) { if (asking && talk.shown === asking) finish(); }

export function askWhy(record) {
  if (!record.open().length) return;
  asking = record;
  timer = setTimeout(finish, PATIENCE);
  $("why").hidden = false;
  $("reject-all").hidden = $("reject-all").disabled = true;
  for (const hit of record.open()) drawFate(hit.rank, "rejected");
  toast("已记下：都不合适。按 1–4 可说明为什么");
}

/** A digit while the reason is asked for: true when it was taken. */
export function because(digit) {
  if (!asking) return false;
  const chosen = REASONS[digit - 1];
  finish(chosen?.[0]);
  toast(chosen ? `已记下：都不合适（${chosen[1]}）` : "已记下：都不合适");
  return true;
}

export const dismissWhy = () => finish();

export function mountWhy() {
  $("why").addEventListener("click", (event) => {
    const digit = event.target.closest("button")?.dataset.reason;
    if (digit) because(Number(digit));
  });
}
