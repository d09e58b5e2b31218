// 看会话: what was said in the chat behind a request for help, to read only. The lead neither takes the chat nor writes in it.
import { turnRows } from "../agent/turns.js";
import { connection } from "../agent/connection.js";
import { api, explain } from "../shared/api.js";
import { el } from "../shared/dom.js";

const open = new Map(); // by id of the request: {help, hear}, whose chat is on screen

/** A button and a place for the chat, as [button, list]; closed until somebody asks, and then read anew each time. */
export function chatBehind(help) {
  const id = `behind-${help.id}`, who = { buyer: "买家", agent: "客服" };
  const list = el("ol", { class: "behind", id, tabindex: "0", "aria-label": "会话记录，只读", hidden: true });
  const button = el("button", { class: "btn btn-small btn-quiet", type: "button", "aria-expanded": "false", "aria-controls": id }, "看会话");
  let turns = [];

  function draw() {
    list.replaceChildren(...(turns.length ? turnRows(turns, who) : [el("li", { class: "small muted" }, "还没有消息。")]));
    list.scrollTop = list.scrollHeight;
  }

  function fold(away) {
    list.hidden = away;
    button.textContent = away ? "看会话" : "收起会话";
    button.setAttribute("aria-expanded", String(!away));
    if (away) open.delete(help.id); else open.set(help.id, { help, hear });
  }

  function hear(message) {
    if (turns.some((turn) => turn.id === message.id)) return;
    turns.push(message);
    turns.sort((a, b) => a.at_ms - b.at_ms);
    draw();
  }

  async function read() {
    turns = [];
    list.replaceChildren(el("li", { class: "small muted" }, "正在打开…"));
    fold(false);
    try {
      const { messages } = await connection.during(api.conversation(help.shop, help.conversation));
      messages.forEach(hear);
      draw();
    } catch (error) {
      list.replaceChildren(el("li", { class: "small muted" }, explain(error).whole));
    }
  }

  button.addEventListener("click", () => { if (list.hidden) read(); else fold(true); });
  return [button, list];
}

/** A message of any chat, as the stream tells it. */
export function overheard({ shop, conversation, message }) {
  for (const { help, hear } of open.values()) if (help.shop === shop && help.conversation === conversation) hear(message);
}

/** The card is gone, and with it the place for its chat. */
export function unread(help) { open.delete(help.id); }
