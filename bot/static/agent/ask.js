// A question goes out, an answer comes back — by hand, or by itself where a chat is followed live.
import { api, explain } from "../shared/api.js";
import { forgetVerdicts } from "./allow.js";
import { connection } from "./connection.js";
import { desk } from "./desk.js";
import { $, debounce, toast, untoast } from "../shared/dom.js";
import { draw, drawAbout, drawState, drawTalk } from "./draw.js";
import { focusHits } from "./hits.js";
import { noteFor } from "./notes.js";
import { Record } from "../record/record.js";
import { ended } from "./why.js";

const box = $("message");

/** The buyer's message that a question stands for. In a live chat the host says what was said, so it is no turn of it. */
export const turnFor = (mine, text) => (mine.live ? { speaker: "buyer", text } : mine.add("buyer", text));

/** Put an answer in place of the one before it; what was shown and never used was passed over. */
export function place(mine, reply, text, turn, { count = true } = {}) {
  ended(mine);
  mine.shown?.leave();
  mine.shown = new Record(reply, { text, turn, add: noteFor(mine) });
  mine.since = performance.now();
  mine.had = mine.took = null;
  mine.goods = mine.held = mine.waiting = null;
  mine.loading = mine.between = false;
  forgetVerdicts(); // a trainer may have changed something since the last message
  if (count && desk.talk === mine) mine.shown.shown();
}

/** commit = a whole message that becomes a turn; otherwise a look ahead while the agent is still typing. */
export async function ask(text, { commit, focus = false, turn = null } = {}) {
  const mine = desk.talk, number = ++mine.asked;
  typed.cancel();
  if (commit) {
    untoast();
    turn ??= turnFor(mine, text);
    if (settle(mine, text, turn)) { if (focus) focusHits(); return; }
    ended(mine);
    mine.shown?.leave();
  }
  mine.loading = true;
  mine.between = Boolean(commit); // the cards on screen still answer the previous message
  drawTalk();
  drawState();
  if (focus) $("hits").focus({ preventScroll: true });
  try {
    const about = mine.live ? { conversation: mine.id } : {};
    const reply = await connection.during(api.suggest(mine.shop.slug, { text, turns: mine.before(turn), ...about }));
    if (number !== mine.asked) return; // a newer question is on its way or answered
    place(mine, reply, text, turn, { count: commit });
    // What comes back is masked; keeping that copy keeps phone numbers out of later requests as well.
    if (turn && reply.text) turn.text = reply.text;
  } catch (error) {
    if (number !== mine.asked) return;
    mine.loading = mine.between = false;
    // Only a whole message waits; a look-ahead that failed must not displace it.
    if (commit) mine.waiting = error.unreachable || error.status === 401 ? { text, turn } : null;
    if (!error.unreachable && error.status !== 401 && desk.talk === mine) toast(explain(error).text, true);
  }
  if (desk.talk !== mine) return; // answers of another buyer stay with that buyer
  // Unless the agent has gone on to do something else (searching, typing the next message).
  const stay = [document.body, $("hits")].some((node) => node === document.activeElement) || $("hits").contains(document.activeElement);
  draw();
  if (focus && stay) focusHits();
}

/** The look-ahead already answered exactly this text: it becomes the answer, no second request. */
export function settle(mine, text, turn) {
  const { shown } = mine;
  if (!shown || shown.turn || shown.text !== text || mine.loading) return false;
  shown.turn = turn;
  if (shown.reply.text) turn.text = shown.reply.text;
  shown.shown();
  if (desk.talk === mine) { drawTalk(); drawAbout(); drawState(); }
  return true;
}

function submit(focus = true) {
  const text = box.value.trim();
  if (!text) return;
  box.value = "";
  ask(text, { commit: true, focus });
}

export const typed = debounce(() => { if (box.value.trim()) ask(box.value.trim(), { commit: false }); }, 250);

/** A message may arrive while the agent types elsewhere; stealing the focus would put their next keys in the wrong place. */
export function receive(text) {
  const busy = document.activeElement?.matches?.("input, textarea") && document.activeElement.value;
  ask(text, { commit: true, focus: document.hasFocus() && !busy });
}

/** Ask what could not be asked while the service was away; other buyers' questions wait until they are looked at. */
export function retry() {
  if (!desk.talk?.waiting || connection.down) return;
  const { text, turn } = desk.talk.waiting;
  ask(text, { commit: true, turn });
}

export function mountMessage() {
  $("message-form").addEventListener("submit", (event) => { event.preventDefault(); submit(); });
  box.addEventListener("input", (event) => { if (!event.isComposing) typed(); });
  box.addEventListener("compositionend", () => typed());
  box.addEventListener("keydown", (event) => {
    if (event.isComposing) return; // pinyin: this Enter picks characters
    if (event.key === "Enter" && !event.shiftKey && !event.ctrlKey && !event.altKey) { event.preventDefault(); submit(); }
    if (event.key === "ArrowUp" && !box.value && !desk.talk.live) { event.preventDefault(); box.value = desk.talk.takeBack(); drawTalk(); }
  });
  // After the browser has put the text in, so that pasting into half a sentence asks the whole of it.
  box.addEventListener("paste", () => setTimeout(submit, 0));
  document.addEventListener("paste", (event) => {
    if (event.target.closest?.("input, textarea")) return;
    const text = event.clipboardData?.getData("text/plain").trim().slice(0, 2000);
    if (text) { event.preventDefault(); ask(text, { commit: true, focus: true }); }
  });
}
