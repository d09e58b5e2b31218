// The queue by deadline: all open chats of all the agent's shops. The order stands still while the pointer or the focus
// is in it, so that no row ever jumps under a finger; it is put right the moment both have left.
import { desk } from "../agent/desk.js";
import { $, toast } from "../shared/dom.js";
import { board, key, replyClock } from "./board.js";
import { setClock } from "./clock.js";
import { makeRow, mendRow } from "./row.js";

const rows = new Map(); // by key, in no order
const seen = new Set(); // keys that this page has opened, or that were there when it came
let order = []; // keys as they stand on screen
let onOpen = () => {};

const box = () => $("queue"), list = () => $("queue-list");
const buttons = () => [...list().querySelectorAll(".row")];
const held = () => box().matches(":hover") || list().contains(document.activeElement);
const isOpen = (one) => desk.talk?.live && desk.talk.id === one.id && desk.talk.shop.slug === one.shop;

function arrange() {
  const urgent = board.urgent(), by = new Map(urgent.map((one) => [key(one), one]));
  const now = urgent.map(key);
  const still = held() && order.length;
  order = still ? [...order.filter((name) => by.has(name)), ...now.filter((name) => !order.includes(name))] : now;
  const rested = order.some((name, i) => name !== now[i]);
  $("queue-held").hidden = !rested;
  for (const name of rows.keys()) if (!by.has(name)) { rows.get(name).remove(); rows.delete(name); }
  order.forEach((name, i) => {
    const one = by.get(name);
    if (!rows.has(name)) rows.set(name, makeRow(one));
    const item = rows.get(name), there = list().children[i];
    const talk = desk.has(one.shop, one.id) ? desk.of(one.shop, one.id) : null;
    mendRow(item, one, desk.shops.get(one.shop), { copied: talk?.copied, fresh: !seen.has(name), current: isOpen(one) });
    if (there !== item) list().insertBefore(item, there ?? null);
  });
  rove();
}

/** One row at a time is in the tab order: where the focus is, else the chat on screen, else the first. */
function rove() {
  const all = buttons(), at = all.find((one) => one === document.activeElement) ?? all.find((one) => one.ariaCurrent === "true") ?? all[0];
  for (const one of all) one.tabIndex = one === at ? 0 : -1;
}

function each(selector, text) { for (const node of box().querySelectorAll(selector)) node.textContent = text; }

function summary() {
  const waiting = board.waiting(), first = waiting[0];
  each(".queue-count", waiting.length ? `${waiting.length} 位在等` : board.size ? "都已回复" : "没有会话");
  each(".queue-size", board.size ? `共 ${board.size} 个会话` : "");
  $("queue-first").textContent = first ? `${desk.shops.get(first.shop)?.name ?? ""} ${first.buyer}` : "";
  setClock($("queue-first-clock"), first ? replyClock(first) : null);
  $("queue-none").hidden = board.size > 0;
}

export function drawQueue() {
  document.body.classList.toggle("has-queue", board.ever);
  if (!board.ever) return;
  arrange();
  summary();
}

const at = (name) => board.urgent().find((one) => key(one) === name);

function unfold(on) {
  $("queue-toggle").setAttribute("aria-expanded", String(on));
  box().classList.toggle("is-open", on);
}

function choose(name) {
  const one = at(name);
  if (!one) return;
  unfold(false);
  onOpen(one);
}

/** Walk the queue from wherever the focus is; it begins at the chat on screen. */
export function walk(step) {
  const all = buttons();
  if (!all.length) return;
  unfold(true);
  const from = all.indexOf(document.activeElement);
  const here = from >= 0 ? from + step : Math.max(0, all.findIndex((one) => one.ariaCurrent === "true") + (step > 0 ? 1 : -1));
  all[Math.max(0, Math.min(all.length - 1, here))].focus();
  rove();
}

/** The most urgent buyer who waits and is not on screen already. */
export function next() {
  const one = board.waiting().find((other) => !isOpen(other));
  if (one) choose(key(one));
  else toast(board.waiting().length ? "没有别的买家在等" : "没有买家在等");
}

export const saw = (one) => seen.add(key(one));
export const isNew = (one) => !seen.has(key(one));

export function mountQueue(open) {
  onOpen = open;
  list().addEventListener("click", (event) => {
    const row = event.target.closest(".row");
    if (row) choose(row.dataset.key);
  });
  list().addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) { event.preventDefault(); walk(step); }
    if (event.key === "Escape") unfold(false);
  });
  $("queue-toggle").addEventListener("click", () => unfold($("queue-toggle").getAttribute("aria-expanded") !== "true"));
  // Left by pointer and focus alike: now the order may be put right.
  box().addEventListener("pointerleave", () => requestAnimationFrame(drawQueue));
  list().addEventListener("focusout", () => requestAnimationFrame(drawQueue));
  document.addEventListener("pointerdown", (event) => { if (!box().contains(event.target)) unfold(false); });
  board.onChange(drawQueue);
  drawQueue();
}
