// Who is being answered: the buyer, the order, the clock, and what the agent can do about the chat as a whole.
import { desk } from "../agent/desk.js";
import { $, el, toast } from "../shared/dom.js";
import { api } from "../shared/api.js";
import { uuid } from "../record/outbox.js";
import { board, replyClock } from "./board.js";
import { setClock } from "./clock.js";
import { errand } from "./errands.js";

const PAYMENT = { unpaid: "未付款", paid: "已付款" };
const LOGISTICS = { waiting: "待发货", shipped: "运输中", delivering: "派送中", signed: "已签收" };
const REFUND = { asked: "申请退款", agreed: "同意退款", refused: "拒绝退款", done: "已退款" };

function orderWords(order) {
  if (!order) return [];
  const state = [PAYMENT[order.payment], LOGISTICS[order.logistics], REFUND[order.refund]].filter(Boolean);
  return [order.tail ? `订单尾号 ${order.tail}` : "", ...state, order.sku].filter(Boolean);
}

export function drawHead(talk) {
  const one = talk.live ? board.get(talk.shop.slug, talk.id) : null;
  document.body.classList.toggle("is-live", talk.live);
  $("head").hidden = !talk.live;
  $("message").placeholder = talk.live ? "换个说法问（不会发给买家）" : "粘贴买家的话，马上给出答案";
  $("message").rows = talk.live ? 1 : 2;
  $("new-talk").hidden = talk.live;
  if (!talk.live) return;
  $("head-buyer").textContent = one?.buyer ?? "已结束的会话";
  $("head-about").replaceChildren(...[...orderWords(one?.order), ...(one?.tags ?? [])].map((text) => el("span", { class: "chip" }, text)));
  setClock($("head-clock"), one ? replyClock(one) : null);
  $("sent").hidden = !talk.copied;
}

/** The chat's own host tells what was sent; where none does, the agent says so and the clock stops. */
export function markSent() {
  const talk = desk.talk;
  if (!talk.live || !talk.copied) return;
  const message = { id: uuid(), speaker: "agent", text: talk.copied };
  errand(`sent ${talk.shop.slug}/${talk.id} ${talk.copied}`, () => api.say(talk.shop.slug, talk.id, message), {
    done: (reply) => {
      if (reply?.conversation) board.put(reply.conversation);
      toast("已记下：发给买家了");
    },
  });
}
