// The talk on screen, drawn whole or in the part that changed. Nothing is decided here.
import { drawVerdicts } from "./allow.js";
import { connection } from "./connection.js";
import { desk } from "./desk.js";
import { $ } from "../shared/dom.js";
import { drawEdit } from "./edit.js";
import { drawGoods } from "./goods.js";
import { drawHits, focusHits } from "./hits.js";
import { board, ours } from "../live/board.js";
import { drawHead } from "../live/head.js";
import { drawKeyFacts } from "../live/keyfacts.js";
import { drawHelp } from "../live/help.js";
import { colleague } from "../live/row.js";
import { drawUpsell } from "../live/upsell.js";
import { drawStated } from "./stated.js";
import { drawTone } from "./tone.js";
import { drawTurns } from "./turns.js";

export function say(text, quiet = false) {
  const box = $("answers-say");
  if (box.textContent !== text) box.textContent = text;
  box.classList.toggle("is-quiet", quiet);
}

export function drawProducts() {
  const { shown, goods } = desk.talk;
  drawGoods(goods ?? shown?.reply.products, shown?.turn?.text ?? shown?.text);
}

export function drawAbout() {
  const { shown } = desk.talk;
  $("answers-about").textContent = shown ? `针对“${shown.turn?.text ?? shown.text}”` : "";
  $("answers-about").title = $("answers-about").textContent;
  $("answers-took").textContent = shown?.reply.timings_ms?.total >= 0 ? `${Math.max(1, Math.round(shown.reply.timings_ms.total))} 毫秒` : "";
}

/** The chat on screen, where a colleague serves it and this page hears no more of it; else null. */
function taken({ live, shop, id }) {
  const one = live ? board.get(shop.slug, id) : null;
  return one && !ours(one) ? one : null;
}

function state({ shown, waiting, between, held, live, open, turns }, by) {
  if (by) return [`${colleague(by)}在接这位买家，请不要重复回复；新的话不再显示在这里。`];
  if (waiting) return ["这句还没问到：服务连不上，恢复后会自动再问。急用请先自己回复。"];
  if (held) return ["买家又说了话，新答案已备好：改完或按 Esc 放弃修改后显示。"];
  if (live && between) return ["买家又说了话，正在换新的答案…"];
  if (live && turns.length && !open) return ["已回复，等买家的下一句。"];
  if (!shown) return [live ? "正在取这位买家的答案…" : "粘贴买家的话就有答案；也可以按 / 查话术和商品。", true];
  if (shown.reply.withheld === "control") return ["对照组：本会话不显示推荐。可以按 / 查话术和商品，发送前照样检查。"];
  if (shown.reply.withheld) return ["这个会话还没有人接待，接待后显示推荐。"];
  if (!shown.reply.hits.length && shown.reply.facts?.length) return ["话术里没有把握的，可用上面的商品事实。"];
  if (!shown.reply.hits.length) return ["没有把握，建议自己回复", true];
  if (shown.reply.hits.every((hit) => hit.band === "unsure")) return ["下面几条都没有把握，建议自己回复。"];
  return [""];
}

export function drawState() {
  const talk = desk.talk, { waiting, loading, between, live, open, turns } = talk, by = taken(talk);
  $("answers-progress").classList.toggle("on", loading);
  $("hits").setAttribute("aria-busy", String(loading));
  const old = by || waiting || between || (live && turns.length && !open);
  for (const id of ["tone", "hits", "stated"]) $(id).classList.toggle("stale", Boolean(old));
  say(...state(talk, by));
}

export function drawTalk() {
  drawTurns(desk.talk);
  drawHead(desk.talk);
}

export function draw() {
  const { talk } = desk, inside = $("hits").contains(document.activeElement);
  drawTalk();
  drawTone(talk.shown?.reply.tone);
  drawStated(talk.shown);
  drawHits(talk.shown);
  drawUpsell(talk.shown);
  drawHelp(talk);
  drawKeyFacts(talk);
  drawProducts();
  drawAbout();
  drawState();
  drawEdit(talk);
  if (inside) focusHits(); // the card in focus has gone; the keys must not fall into nothing
  drawVerdicts();
  connection.mode(talk.shown?.reply.mode);
}
