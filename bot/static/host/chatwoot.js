// A Chatwoot dashboard app: Chatwoot tells which chat is open when it is asked. It offers no way into its reply box, so
// answers go by the clipboard. Of the contact only the number is read: no name, no address, no telephone.
import { api } from "../shared/api.js";
import { hear, tell } from "./origins.js";

const ASK = "chatwoot-dashboard-app:fetch-info";
const EVERY = 4000; // ms; Chatwoot says nothing by itself when another message comes into the open chat
const LARGEST = 2_000_000; // characters; a long chat with attachments is some 100,000
const LONGEST = 10_000;
const KEPT = 50;
const SPEAKERS = { 0: "buyer", 1: "agent" }; // 2 is activity, 3 a template

/** The chat in an appContext message; null for everything else that passes on this channel. */
function context(data) {
  if (typeof data !== "string" || data.length > LARGEST || !data.startsWith("{")) return null;
  try {
    const told = JSON.parse(data);
    return told?.event === "appContext" ? told.data?.conversation ?? null : null;
  } catch {
    return null;
  }
}

const number = (value) => (Number.isSafeInteger(value) && value >= 0 ? value : null);

function turn(hook, message) {
  const speaker = SPEAKERS[message?.message_type];
  if (!speaker || message.private || typeof message.content !== "string" || number(message.id) === null) return null;
  const text = message.content.trim().slice(0, LONGEST);
  const seconds = number(message.created_at);
  return text ? { id: `${hook}:${message.id}`, speaker, text, ...(seconds === null ? {} : { at_ms: seconds * 1000 }) } : null;
}

/** Our words for it: ids carry the hook, as those of the webhook do, so that both speak of one conversation. */
function conversation(hook, chat) {
  const id = number(chat.id), inbox = number(chat.inbox_id), buyer = number(chat.meta?.sender?.id);
  const shop = hook.inboxes.find((one) => one.inbox === String(inbox))?.shop;
  if (id === null || !shop) return null; // an inbox of no shop of this agent's
  const messages = (Array.isArray(chat.messages) ? chat.messages : []).slice(-KEPT).map((one) => turn(hook.id, one)).filter(Boolean);
  const tags = (Array.isArray(chat.labels) ? chat.labels : []).filter((tag) => typeof tag === "string" && tag).slice(0, 20).map((tag) => tag.slice(0, 40));
  return { id: `${hook.id}:${id}`, shop, ...(buyer === null ? {} : { buyer: `${hook.id}:${buyer}` }), tags, messages };
}

export function chatwootHost(name) {
  let makeReady, known = "";
  const ready = new Promise((done) => { makeReady = done; });
  const ask = () => { if (!document.hidden) tell(ASK); };

  async function hookOf() {
    for (;;) {
      try {
        return (await api.hooks()).hooks.find((one) => one.id === name) ?? { id: name, inboxes: [] };
      } catch {
        await new Promise((done) => setTimeout(done, EVERY)); // the service is away: it is asked again
      }
    }
  }

  return {
    kind: "chatwoot",
    ready,

    async onConversation(fn) {
      const hook = await hookOf();
      hear((data) => {
        const chat = context(data);
        const told = chat && conversation(hook, chat);
        const now = told && JSON.stringify(told);
        if (!told || now === known) return;
        known = now;
        makeReady();
        fn(told);
      });
      ask();
      setInterval(ask, EVERY);
      addEventListener("focus", ask);
    },

    async insert() { return false; },
  };
}
