// New buyers and overdue ones are told without stealing the focus: read out, in the title, and by the tab's icon.
import { desk } from "../agent/desk.js";
import { $ } from "../shared/dom.js";
import { board, key, replyClock } from "./board.js";
import { onTick, read } from "./clock.js";

const ICONS = { none: "/static/shared/favicon.svg", waiting: "/static/live/favicon-waiting.svg", over: "/static/live/favicon-over.svg" };
let known = new Set(), late = new Set();

const name = (one) => `${desk.shops.get(one.shop)?.name ?? ""} ${one.buyer}`;
const isLate = (one) => read(replyClock(one)).level === "over";

/** One sentence for all that happened since the last look; a voice that lists five buyers is no help. */
function sentence(fresh, over) {
  const parts = [];
  if (over.length) parts.push(over.length === 1 ? `超时：${name(over[0])}` : `${over.length} 位买家超时，最急 ${name(over[0])}`);
  if (fresh.length) parts.push(fresh.length === 1 ? `新消息：${name(fresh[0])}` : `${fresh.length} 位买家来了新消息`);
  return parts.join("；");
}

function title(waiting, over) {
  const shop = desk.talk?.shop.name;
  const count = over ? `(${waiting} 超时${over}) ` : waiting ? `(${waiting}) ` : "";
  const text = `${count}${shop ? `${shop} · ` : ""}话术`;
  if (document.title !== text) document.title = text;
  const icon = document.querySelector("link[rel=icon]"), now = over ? ICONS.over : waiting ? ICONS.waiting : ICONS.none;
  if (icon.getAttribute("href") !== now) icon.setAttribute("href", now);
}

function look() {
  const waiting = board.waiting(), over = waiting.filter(isLate);
  const said = sentence(waiting.filter((one) => !known.has(key(one))), over.filter((one) => !late.has(key(one))));
  known = new Set(waiting.map(key));
  late = new Set(over.map(key));
  if (said) $("queue-live").textContent = said;
  title(waiting.length, over.length);
}

export function mountAnnounce() {
  board.onChange(look);
  onTick(look);
  desk.onShow(look);
}
