// The agent's page: a buyer's message comes in, answers come up, one is copied — and each step is recorded truthfully.
import { api, explain } from "./api.js";
import { Verdicts, drawUnder, insist, mountStop } from "./check.js";
import { copy } from "./clipboard.js";
import { connection } from "./connection.js";
import { $, debounce, toast, untoast, variablesIn } from "./dom.js";
import { mountDraft } from "./draft.js";
import { drawGoods } from "./goods.js";
import { drawFates, drawHits, flash, focusHits, walkHits } from "./hits.js";
import { host } from "./host.js";
import { listen } from "./inbox.js";
import { mountKeys } from "./keys.js";
import { Outbox } from "./outbox.js";
import { Record } from "./record.js";
import { mountSearch } from "./search.js";
import { watchSeen } from "./seen.js";
import { mountLogout, mountShopBar, signedIn } from "./shop.js";
import { drawStated, markStated, statedKey } from "./stated.js";
import { Talk } from "./talk.js";
import { drawTone } from "./tone.js";
import { drawTurns, mountTurns } from "./turns.js";

const box = $("message");
const talks = new Map();
let talk = null;
let outbox = null;
let search = null;
let draft = null;
let goTo = null;
const verdicts = new Verdicts();

const record = (of, events) => outbox.add(of.shop.slug, events);

// ---- drawing

function say(text, quiet = false) {
  $("answers-say").textContent = text;
  $("answers-say").classList.toggle("is-quiet", quiet);
}

function showGoods() {
  const { shown, goods } = talk;
  drawGoods(goods ?? shown?.reply.products, shown?.turn?.text ?? shown?.text);
}

function drawAbout() {
  const { shown } = talk;
  $("answers-about").textContent = shown ? `针对“${shown.turn?.text ?? shown.text}”` : "";
  $("answers-about").title = $("answers-about").textContent;
  $("answers-took").textContent = shown?.reply.timings_ms?.total >= 0 ? `${Math.max(1, Math.round(shown.reply.timings_ms.total))} 毫秒` : "";
}

function drawState() {
  const { shown, waiting, loading } = talk;
  $("answers-progress").classList.toggle("on", loading);
  $("hits").setAttribute("aria-busy", String(loading));
  for (const id of ["tone", "hits", "stated"]) $(id).classList.toggle("stale", Boolean(waiting || talk.between));
  if (waiting) say("这句还没问到：服务连不上，恢复后会自动再问。急用请先自己回复。");
  else if (!shown) say("粘贴买家的话就有答案；也可以按 / 查话术和商品。", true);
  else if (!shown.reply.hits.length && shown.reply.facts?.length) say("话术里没有把握的，可用上面的商品事实。");
  else if (!shown.reply.hits.length) say("没有把握，建议自己回复", true);
  else if (shown.reply.hits.every((hit) => hit.band === "unsure")) say("下面几条都没有把握，建议自己回复。");
  else say("");
}

function draw() {
  drawTurns(talk);
  drawTone(talk.shown?.reply.tone);
  drawStated(talk.shown, state);
  drawHits(talk.shown, use);
  showGoods();
  drawAbout();
  drawState();
  drawVerdicts();
}

// ---- checking

const verdictOn = (mine, text) => verdicts.of(mine.shop.slug, text);

/** What the check finds in the texts on screen stands under each of them before anybody copies it. */
function drawVerdicts() {
  const mine = talk, { shown } = mine;
  const cards = [...$("hits").children].map((node) => [node, shown?.reply.hits.find((hit) => hit.rank === Number(node.dataset.rank))?.answer?.text]);
  cards.push(...[...$("stated").children].map((node) => [node, shown?.reply.facts[Number(node.dataset.index)]?.text]));
  for (const [node, text] of cards) {
    if (text) verdictOn(mine, text).then((verdict) => { if (node.isConnected) drawUnder(node, verdict); });
  }
}

/** Whether a text may go to the clipboard: it was checked, and what is blocked was insisted on. */
async function mayCopy(mine, text) {
  const verdict = await verdictOn(mine, text);
  if (talk !== mine) return false; // the shop was changed meanwhile: now it would go to another buyer
  if (verdict.blocked && !(await insist(verdict, mine.shop.name))) { toast("没有复制：先按检查结果改一改", true); return false; }
  return talk === mine && (verdict.unchecked ? "unchecked" : "checked");
}

const unless = (checked) => (checked === "unchecked" ? "（服务连不上，没有检查，请核对店铺）" : "");

/** The agent's own words are copied like an answer; no entry earns the credit. */
async function copyOwn(text) {
  const mine = talk;
  const checked = await mayCopy(mine, text);
  if (!checked) return false;
  if (!(await hand(text))) { toast("复制失败：浏览器不允许，请用鼠标选中后复制", true); return false; }
  mine.add("agent", text);
  drawTurns(mine);
  toast(`已复制 自己写的回复${unless(checked)}`);
  return true;
}

// ---- asking

/** commit = a whole message that becomes a turn; otherwise a look ahead while the agent is still typing. */
async function ask(text, { commit, focus = false, turn = null } = {}) {
  const mine = talk, number = ++mine.asked;
  typed.cancel();
  if (commit) {
    untoast();
    turn ??= mine.add("buyer", text);
    if (settle(mine, text, turn)) { if (focus) focusHits(); return; }
    mine.shown?.leave();
  }
  mine.loading = true;
  mine.between = Boolean(commit); // the cards on screen still answer the previous message
  if (talk === mine) { drawTurns(mine); drawState(); if (focus) $("hits").focus({ preventScroll: true }); }
  try {
    const reply = await connection.during(api.suggest(mine.shop.slug, { text, turns: mine.before(turn) }));
    if (number !== mine.asked) return; // a newer question is on its way or answered
    mine.shown?.leave();
    mine.shown = new Record(reply, { text, turn, add: (events) => record(mine, events) });
    verdicts.forget(); // a trainer may have changed something since the last message
    mine.goods = null;
    mine.loading = mine.between = false;
    mine.waiting = null;
    // What comes back is masked; keeping that copy keeps phone numbers out of later requests as well.
    if (turn && reply.text) turn.text = reply.text;
    if (commit) mine.shown.shown();
    connection.mode(reply.mode);
  } catch (error) {
    if (number !== mine.asked) return;
    mine.loading = mine.between = false;
    // Only a whole message waits; a look-ahead that failed must not displace it.
    if (commit) mine.waiting = error.unreachable || error.status === 401 ? { text, turn } : null;
    if (!error.unreachable && error.status !== 401 && talk === mine) toast(explain(error).text, true);
  }
  if (talk !== mine) return; // answers of another shop stay with that shop
  // Unless the agent has gone on to do something else (searching, typing the next message).
  const stay = [document.body, $("hits")].some((node) => node === document.activeElement) || $("hits").contains(document.activeElement);
  draw();
  if (focus && stay) focusHits();
}

/** The look-ahead already answered exactly this text: it becomes the answer, no second request. */
function settle(mine, text, turn) {
  const { shown } = mine;
  if (!shown || shown.turn || shown.text !== text || mine.loading) return false;
  shown.turn = turn;
  if (shown.reply.text) turn.text = shown.reply.text;
  shown.shown();
  if (talk === mine) { drawTurns(mine); drawAbout(); drawState(); }
  return true;
}

function submit(focus = true) {
  const text = box.value.trim();
  if (!text) return;
  box.value = "";
  ask(text, { commit: true, focus });
}

const typed = debounce(() => { if (box.value.trim()) ask(box.value.trim(), { commit: false }); }, 250);

function receive(text) {
  // A message may arrive while the agent types elsewhere; stealing the focus would put their next keys in the wrong place.
  const busy = document.activeElement?.matches?.("input, textarea") && document.activeElement.value;
  ask(text, { commit: true, focus: document.hasFocus() && !busy });
}

/** Another chat is open in the host: its shop, what was said in it; its last words, if the buyer's, are asked. */
async function meet({ id, shop = talk.shop.slug, messages = [] }) {
  await goTo(shop);
  if (talk.shop.slug !== shop) return; // not a shop of this agent's
  const last = messages.at(-1);
  if (talk.chat === id && talk.heard === last?.id) return;
  if (talk.shown) record(talk, talk.shown.leave());
  talk.clear();
  Object.assign(talk, { chat: id, heard: last?.id });
  const asked = last?.speaker === "buyer" ? last : null;
  for (const one of asked ? messages.slice(0, -1) : messages) talk.add(one.speaker, one.text);
  draw();
  if (asked) ask(asked.text.slice(0, 2000), { commit: true });
}

/** Into the reply box of the host, if it takes it and the same chat is open there; else to the clipboard. */
const hand = async (text) => (await host.insert(text, { conversation: talk.chat ?? "", shop: talk.shop.slug })) || copy(text);

// ---- choosing

/** Copy an answer and note what it answered; `tell` records it once the message counts. False: not copied. */
async function take(mine, text, tell, name) {
  const { shown } = mine;
  // A key pressed ahead of the reply would send the previous buyer's answer.
  if (mine.between) { toast("答案还没出来，请稍等", true); return false; }
  if (!text) { toast(`${name}没有可发的话术`, true); return false; }
  const checked = await mayCopy(mine, text);
  if (!checked || mine.shown !== shown) return false;
  if (!(await hand(text))) { toast("复制失败：浏览器不允许，请用鼠标选中后复制", true); return false; }
  if (!shown.turn) { // chosen while typing: the text in the box was the whole message after all
    typed.cancel();
    box.value = "";
    settle(mine, shown.text, mine.add("buyer", shown.text));
  }
  tell();
  if (mine.turns.at(-1)?.text !== text) mine.add("agent", text);
  const open = variablesIn(text);
  toast(`已复制 ${name}${open.length ? `，发送前请填写 ${open.join("")}` : ""}${unless(checked)}`);
  if (talk === mine) drawTurns(mine);
  return talk === mine;
}

/** A card was in sight long enough to be read. */
function looked(node) {
  const hit = talk.shown?.reply.hits.find((one) => one.rank === Number(node.dataset.rank));
  if (hit) talk.shown.viewed(hit);
}

async function use(rank) {
  const { shown } = talk;
  const hit = shown?.reply.hits.find((one) => one.rank === rank);
  if (!hit || !(await take(talk, hit.answer?.text, () => shown.inserted(hit), `第${rank}条`))) return;
  drawFates(shown);
  flash(rank);
}

/** A product fact is copied like a script, but no entry earns the credit. */
async function state(index) {
  const { shown } = talk;
  const stated = shown?.reply.facts?.[index];
  if (stated && await take(talk, stated.text, () => shown.fact(index), stated.product ? "商品事实" : "店铺信息")) markStated(index);
}

function rejectAll() {
  const { shown } = talk;
  if (talk.between || !shown?.open().length) return;
  if (!shown.turn) { box.value = ""; settle(talk, shown.text, talk.add("buyer", shown.text)); }
  shown.open().forEach((hit) => shown.rejected(hit));
  drawFates(shown);
  toast("已记下：都不合适");
}

/** A product is looked at, not sent: its card takes the place of the guessed ones until the next message. */
async function showProduct(result) {
  const mine = talk;
  let reply = null;
  try {
    reply = await connection.during(api.suggest(mine.shop.slug, { text: result.title, limit: 1 }));
  } catch (error) {
    if (talk === mine) toast(explain(error).text, true);
    return false;
  }
  const found = reply.products.find((product) => product.id === result.id);
  if (talk !== mine) return false;
  if (!found) { toast("没有取到这个商品，请换个说法再查", true); return false; }
  mine.goods = [found];
  showGoods();
  box.focus({ preventScroll: true });
  $("goods").scrollIntoView({ block: "nearest" }); // one column: the card lies below the answers
  return true;
}

async function pickFound(result) {
  if (result.type === "product") return showProduct(result);
  const mine = talk;
  const checked = await mayCopy(mine, result.text);
  if (!checked) return false;
  if (!(await hand(result.text))) { toast("复制失败：浏览器不允许，请用鼠标选中后复制", true); return false; }
  const asked = (mine.shown?.turn?.text ?? "").slice(0, 2000); // found by hand for this message: the best lesson there is
  record(mine, [{ kind: "inserted", suggestion: result.search, entry: result.id, rank: result.rank, generation: result.generation, asked }]);
  mine.add("agent", result.text);
  if (talk === mine) drawTurns(mine);
  toast(`已复制 ${result.title.length > 24 ? `${result.title.slice(0, 24)}…` : result.title}${unless(checked)}`);
  box.focus();
  return true;
}

function newTalk() {
  talk.shown?.leave("closed");
  talk.clear();
  typed.cancel();
  box.value = "";
  search.reset();
  draft.reset();
  draw();
  box.focus();
  toast("新会话，上一位买家的内容已清空");
}

function switchShop(shop) {
  if (talk) { talk.draft = box.value; talk.own = draft.text(); typed.cancel(); search.reset(); }
  if (!talks.has(shop.slug)) talks.set(shop.slug, new Talk(shop));
  talk = talks.get(shop.slug);
  box.value = talk.draft;
  draft.reset(talk.own ?? "");
  draw();
  box.focus();
  retry();
}

// ---- wiring

function mountMessage() {
  $("message-form").addEventListener("submit", (event) => { event.preventDefault(); submit(); });
  box.addEventListener("input", (event) => { if (!event.isComposing) typed(); });
  box.addEventListener("compositionend", () => typed());
  box.addEventListener("keydown", (event) => {
    if (event.isComposing) return; // pinyin: this Enter picks characters
    if (event.key === "Enter" && !event.shiftKey && !event.ctrlKey && !event.altKey) { event.preventDefault(); submit(); }
    if (event.key === "ArrowUp" && !box.value) { event.preventDefault(); box.value = talk.takeBack(); drawTurns(talk); }
  });
  // After the browser has put the text in, so that pasting into half a sentence asks the whole of it.
  box.addEventListener("paste", () => setTimeout(submit, 0));
  document.addEventListener("paste", (event) => {
    if (event.target.closest?.("input, textarea")) return;
    const text = event.clipboardData?.getData("text/plain").trim().slice(0, 2000);
    if (text) { event.preventDefault(); ask(text, { commit: true, focus: true }); }
  });
}

/** Ask what could not be asked while the service was away; other shops' questions wait until they are looked at. */
function retry() {
  if (!talk?.waiting || connection.down) return;
  const { text, turn } = talk.waiting;
  ask(text, { commit: true, turn });
}

/** The page is left: what is still on its screens was passed over. */
function leaveAll() { talks.forEach((one) => one.shown?.leave("closed")); }

function unrecorded(error) {
  connection.failed(error);
  if (error.status === 403) toast("这台电脑换了人登录，请刷新页面；先前的操作等本人登录后补记", true);
}

async function start() {
  const session = await signedIn();
  outbox = new Outbox({
    post: api.events, actor: session.actor, onError: unrecorded,
    onChange: (size, unsafe) => { $("strip-waiting").textContent = unsafe ? "浏览器存不下操作记录，请先别关页面" : size > 5 ? `${size} 条操作待补记` : ""; },
  });
  search = mountSearch({ shop: () => talk.shop.slug, onPick: pickFound, onLeave: () => box.focus() });
  draft = mountDraft({ verdict: (text) => verdictOn(talk, text), copyOwn });
  mountMessage();
  mountStop();
  mountTurns();
  mountLogout(() => { leaveAll(); return outbox.flush(); });
  walkHits(use);
  watchSeen($("hits"), looked);
  mountKeys({ use, state: (digit) => state(statedKey(digit)), rejectAll, newTalk, toMessage: () => box.focus(), toSearch: () => search.focus(), toDraft: () => draft.focus() });
  $("new-talk").addEventListener("click", newTalk);
  $("reject-all").addEventListener("click", rejectAll);
  $("to-trainer").hidden = session.role !== "trainer";
  if (!session.shops.length) { $("shop-name").textContent = "还没有可用的店铺"; say("这个密钥还没有分配店铺，请联系管理员。", true); return; }
  goTo = mountShopBar(session.shops, { onSwitch: switchShop });
  listen(receive);
  host.onConversation(meet);
  host.onText((text) => { box.value = text; typed(); box.focus(); });
  connection.onBack(() => { outbox.flush(); retry(); });
  connection.start();
  addEventListener("pagehide", () => { leaveAll(); outbox.leave(); });
}

start();
