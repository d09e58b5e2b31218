// The agent's page, put together: who is at it, which shops, what the keys do. Everything else is in the modules named here.
import { verdictOn } from "./allow.js";
import { mountMessage, receive, retry, typed } from "./ask.js";
import { mountStop } from "./check.js";
import { rejectAll, rejectUpsell, take, use, useFact, useLead, useOwn, useUpsell } from "./choose.js";
import { connection } from "./connection.js";
import { desk } from "./desk.js";
import { $, toast } from "../shared/dom.js";
import { mountDraft } from "./draft.js";
import { draw, say } from "./draw.js";
import { mountEdit, startEdit } from "./edit.js";
import { focusHits, walkHits } from "./hits.js";
import { host } from "../host/host.js";
import { listen } from "../host/inbox.js";
import { mountKeys } from "./keys.js";
import { mountAnnounce } from "../live/announce.js";
import { mountBegin } from "../live/begin.js";
import { startClocks } from "../live/clock.js";
import { catchUp } from "../live/errands.js";
import { openTalk, reconnect, releaseHeld, startLive } from "../live/hear.js";
import { mountHelp, openHelp } from "../live/help.js";
import { confirmFacts, mountKeyFacts } from "../live/keyfacts.js";
import { mountLead, toggleLead } from "../live/lead.js";
import { meet } from "../live/meet.js";
import { drawQueue, mountQueue, next, walk } from "../live/queue.js";
import { markSent } from "../live/sent.js";
import { mountUpsell } from "../live/upsell.js";
import { pickFound } from "./lookup.js";
import { deliverNotes, leaveNotes, leaveTalks, openNotes } from "./notes.js";
import { mountSearch } from "./search.js";
import { watchSeen } from "../record/seen.js";
import { mountLogout, mountShopBar, signedIn } from "../shared/shop.js";
import { mountStated, statedKey } from "./stated.js";
import { mountTurns } from "./turns.js";
import { because, dismissWhy, mountWhy } from "./why.js";

const box = $("message");

/** 1–3 answers, 4–6 facts, 7 the lead's answer, 8 what goes with it; 0 none fits, and then a digit says why. */
function digit(n) {
  if (n === 0) { rejectAll(); return; }
  if (because(n)) return;
  if (n <= 3) use(n);
  else if (n <= 6) useFact(statedKey(n));
  else if (n === 7) useLead();
  else useUpsell();
}

/** A card was in sight long enough to be read. */
function looked(node) {
  const { shown } = desk.talk;
  const hit = shown?.reply.hits.find((one) => one.rank === Number(node.dataset.rank));
  if (hit) shown.viewed(hit);
}

/** Another talk comes on screen: what was typed for the one before stays with it. */
function exchange({ bar, search, draft }) {
  desk.onShow((talk, before) => {
    typed.cancel();
    dismissWhy();
    if (before) { before.draft = box.value; before.own = draft.text(); search.reset(); }
    bar().show(talk.shop);
    box.value = talk.draft;
    draft.reset(talk.own);
    draw();
    drawQueue();
    if (talk.live) focusHits(); else box.focus();
    retry();
  });
}

function newTalk({ search, draft }) {
  const { talk } = desk;
  if (talk.live) { toast("会话由聊天工具管理；按 M 到手动会话"); return; }
  dismissWhy();
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

const toManual = () => desk.show(desk.of(desk.talk.shop.slug));

function mountAll(session) {
  let bar = { show() {} }; // the bar opens the first shop while it is made
  const search = mountSearch({ shop: () => desk.talk.shop.slug, onPick: pickFound, onLeave: () => box.focus() });
  const draft = mountDraft({ verdict: (text) => verdictOn(desk.talk, text), copyOwn: (text) => useOwn(text) });
  exchange({ bar: () => bar, search, draft });
  for (const mount of [mountMessage, mountStop, mountTurns, mountWhy, mountKeyFacts, mountAnnounce, startClocks]) mount();
  mountLogout(() => { dismissWhy(); leaveTalks(); return deliverNotes(); });
  walkHits(use);
  watchSeen($("hits"), looked);
  mountStated(useFact);
  mountUpsell({ onUse: useUpsell, onReject: rejectUpsell });
  mountEdit({ take, leave: releaseHeld });
  mountHelp({ onUse: useLead });
  mountLead(session.role);
  mountQueue(openTalk);
  mountBegin(openTalk);
  const clear = () => newTalk({ search, draft });
  mountKeys({
    digit, newTalk: clear, toMessage: () => box.focus(), toSearch: () => search.focus(),
    letters: {
      KeyE: startEdit, KeyF: confirmFacts, KeyG: next, KeyH: openHelp, KeyJ: () => walk(1), KeyK: () => walk(-1),
      KeyL: () => toggleLead(), KeyM: toManual, KeyR: () => draft.focus(), KeyS: markSent, KeyU: useUpsell,
    },
  });
  $("new-talk").addEventListener("click", clear);
  $("reject-all").addEventListener("click", rejectAll);
  $("sent").addEventListener("click", markSent);
  $("to-manual").addEventListener("click", toManual);
  bar = mountShopBar(session.shops, { onSwitch: (shop) => desk.show(desk.of(shop.slug)) });
}

async function start() {
  const session = await signedIn();
  openNotes(session.actor);
  $("to-trainer").hidden = session.role !== "trainer";
  if (!session.shops.length) { $("shop-name").textContent = "还没有可用的店铺"; say("这个密钥还没有分配店铺，请联系管理员。", true); return; }
  desk.start(session.shops);
  mountAll(session);
  listen((text) => { toManual(); receive(text); });
  host.onConversation(meet);
  host.onText((text) => { toManual(); box.value = text; typed(); box.focus(); });
  connection.onBack(() => { deliverNotes(); catchUp(); retry(); reconnect(); });
  connection.start();
  startLive();
  addEventListener("pagehide", () => { dismissWhy(); leaveTalks(); leaveNotes(); });
}

start();
