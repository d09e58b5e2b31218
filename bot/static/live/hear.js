// What the service tells by itself: conversations, messages, suggestions, help. Each goes to the one talk it is about.
import { api } from "../shared/api.js";
import { ask, place } from "../agent/ask.js";
import { connection } from "../agent/connection.js";
import { desk } from "../agent/desk.js";
import { draw, drawState, drawTalk } from "../agent/draw.js";
import { wording } from "../record/record.js";
import { overheard } from "./behind.js";
import { board, key, others, ours } from "./board.js";
import { drawHelp } from "./help.js";
import { drawKeyFacts } from "./keyfacts.js";
import { loadHelps, takeHelp } from "./lead.js";
import { saw } from "./queue.js";
import { openStream } from "./stream.js";

const PATIENCE = 2500; // ms; a suggestion that has not come by itself until then is asked for
let stream = null, timer = 0;

const onScreen = (talk) => desk.talk === talk;

/** Nothing came by itself (the line may be broken in one direction): look what there is. */
export function askSoon(talk, wait = PATIENCE) {
  clearTimeout(timer);
  timer = setTimeout(() => { if (onScreen(talk) && isUnanswered(talk)) read(talk); }, wait);
}

const isUnanswered = (talk) => Boolean(talk.open) && talk.shown?.after !== talk.open.id && !talk.loading && !talk.editing;

/** As for a pasted message; the answer is to the last thing the buyer said. */
export async function askNow(talk) {
  const turn = talk.open;
  await ask(turn.text.slice(0, 2000), { commit: true, turn });
  if (talk.shown?.turn === turn) talk.shown.after = turn.id;
}

/** The chat says what went to the buyer: if it is what was copied, that answer was sent. */
function replied(talk, text) {
  if (talk.took && text === talk.copied) talk.shown?.sent(talk.took, text);
  talk.copied = "";
  talk.took = talk.held = null;
}

/** A message of a chat, told by the stream or by the reply to what this page said itself. */
export function heard({ shop, conversation, message }) {
  overheard({ shop, conversation, message });
  if (!desk.has(shop, conversation)) return; // fetched whole when it is opened
  const talk = desk.of(shop, conversation);
  if (!talk.hear(message)) return;
  talk.between = Boolean(talk.open && talk.shown);
  if (message.speaker === "agent") replied(talk, message.text);
  if (!onScreen(talk)) return;
  drawTalk();
  drawState();
  if (talk.open) askSoon(talk);
}

/** The answer to what is open now takes the place of the one before; an older one has no place any more. */
function onSuggestion({ shop, conversation, after, suggestion }) {
  const talk = desk.of(shop, conversation);
  if (!talk) return;
  const known = talk.turns.find((turn) => turn.id === after);
  if (known ? talk.open?.id !== after : talk.read) return;
  if (suggestion.withheld === "unclaimed") { if (onScreen(talk) && isUnanswered(talk)) askNow(talk); return; } // for whom it is, is told to whoever asks
  if (talk.editing) talk.held = { after, suggestion }; else settleOn(talk, after, suggestion);
  if (!onScreen(talk)) return;
  if (talk.held) drawState(); else draw();
}

function settleOn(talk, after, suggestion) {
  talk.asked += 1; // whatever was asked by hand meanwhile is older than this
  const had = new Map((talk.shown?.reply.hits ?? []).map((hit) => [hit.rank, wording(hit)]));
  place(talk, suggestion, suggestion.text, talk.turns.find((turn) => turn.id === after) ?? { speaker: "buyer", text: suggestion.text });
  talk.shown.after = after;
  talk.had = had;
}

/** The edit is over: what came meanwhile is shown now. */
export function releaseHeld(talk) {
  if (!talk.held) return;
  const { after, suggestion } = talk.held;
  talk.held = null;
  if (talk.open?.id === after) settleOn(talk, after, suggestion);
  if (onScreen(talk)) draw();
}

function onConversation(one) {
  const before = board.get(one.shop, one.id);
  board.put(one);
  if (!one.open) { desk.forget(one.shop, one.id); return; }
  if (before && !ours(before) && ours(one)) missed(one);
}

/** A chat is given back: nothing was told of what was said at the colleague's. */
function missed({ shop, id }) {
  if (!desk.has(shop, id)) return;
  const talk = desk.of(shop, id);
  talk.read = false;
  if (onScreen(talk)) read(talk);
}

function onHelp(help) {
  takeHelp(help);
  const one = board.get(help.shop, help.conversation);
  if (one) board.put({ ...one, help });
}

/** The whole queue, and the chat on screen, anew. */
export async function refetch() {
  const since = board.mark();
  try {
    const reply = await api.conversations();
    board.tell(reply.now_ms);
    if (!board.ever) reply.conversations.forEach(saw); // what was there before the page is not news
    board.reset(reply.conversations, since);
  } catch (error) {
    connection.failed(error);
    return;
  }
  for (const talk of desk.talks.values()) talk.read = false;
  if (desk.talk?.live) read(desk.talk);
  loadHelps();
}

/** What was said before this page came; what is heard meanwhile is not lost, since every message has its id. */
async function read(talk) {
  try {
    const detail = await connection.during(api.conversation(talk.shop.slug, talk.id));
    board.put(detail);
    detail.messages.forEach((message) => talk.hear(message));
    talk.read = true;
    const last = detail.suggestion;
    if (isUnanswered(talk) && last?.text.includes(talk.open.text)) settleOn(talk, talk.open.id, last);
    else if (isUnanswered(talk) && onScreen(talk)) await askNow(talk);
  } catch (error) {
    connection.failed(error);
  }
  if (onScreen(talk)) draw();
}

/** Bring a conversation on screen; its earlier messages are fetched, unless whoever opens it brings them along. */
export function openTalk(one, { fetch = true } = {}) {
  const talk = desk.of(one.shop, one.id);
  if (!talk) return;
  saw(one);
  desk.show(talk);
  if (fetch && (!talk.read || others(one))) read(talk); else if (!fetch) draw();
  if (talk.read && isUnanswered(talk)) askSoon(talk); // what should have come while it was not on screen may have been lost
}

/** The parts of the talk on screen that the board knows more of. */
function onBoard(one) {
  const { talk } = desk;
  if (!talk?.live || (one && key(one) !== `${talk.shop.slug}/${talk.id}`)) return;
  drawTalk();
  drawState();
  drawKeyFacts(talk);
  drawHelp(talk);
}

export function startLive() {
  board.onChange(onBoard);
  desk.onShow((talk) => { if (talk.shown?.turn) talk.shown.shown(); });
  stream = openStream({
    handlers: {
      hello: ({ now_ms, me }) => { board.tell(now_ms); board.me = me ?? board.me; }, conversation: onConversation, message: heard,
      suggestion: onSuggestion, help: onHelp, reset: refetch,
    },
    onOpen: refetch,
    onLost: (error) => { if (error && !error.status) connection.look(); },
  });
}

export const reconnect = () => stream?.now();
