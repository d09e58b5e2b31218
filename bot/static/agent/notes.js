// Where the records of all talks go: one outbox for the page, told which shop each event is about.
import { api } from "../shared/api.js";
import { connection } from "./connection.js";
import { desk } from "./desk.js";
import { $, toast } from "../shared/dom.js";
import { Outbox } from "../record/outbox.js";

let outbox = null;

function unrecorded(error) {
  connection.failed(error);
  if (error.status === 403) toast("这台电脑换了人登录，请刷新页面；先前的操作等本人登录后补记", true);
}

/** actor: who is logged in, as the server names them. */
export function openNotes(actor) {
  outbox = new Outbox({
    post: api.events, actor, onError: unrecorded,
    onChange: (size, unsafe) => { $("strip-waiting").textContent = unsafe ? "浏览器存不下操作记录，请先别关页面" : size > 5 ? `${size} 条操作待补记` : ""; },
  });
}

/** How a Record of this talk hands on its events. */
export const noteFor = (talk) => (events) => outbox.add(talk.shop.slug, events);

export const deliverNotes = () => outbox?.flush();

/** The page is left: what is still on its screens was passed over. */
export function leaveTalks() { for (const talk of desk.talks.values()) talk.shown?.leave("closed"); }

export const leaveNotes = () => outbox?.leave();
