// The chat that is open in the system that embeds us comes on screen here. What was said in it is told to the service,
// which has it already where a webhook was faster; it then answers by itself, like any other live chat.
import { api } from "../shared/api.js";
import { desk } from "../agent/desk.js";
import { askNow, askSoon, openTalk } from "./hear.js";

const PUSHED = 700; // ms; so long an answer that is pushed may take before it is asked for

/** A message without an id of its own is known by its place and words; the service is not told of it. */
const named = (message, i) => (message.id ? message : { ...message, id: `?${i}:${message.text}` });

async function tell(talk, messages, about) {
  for (const { id, speaker, text } of messages) {
    try {
      await api.say(talk.shop.slug, talk.id, { id, speaker, text, ...about });
    } catch (error) { if (error.status !== 409) throw error; } // known already, as the host's server worded it
  }
}

/** told: {id, shop?, buyer?, product?, order?, tags?, messages?}, as hosts speak of a chat. */
export async function meet({ id, shop = desk.talk.shop.slug, messages = [], ...about }) {
  const talk = desk.of(shop, id);
  if (!talk) return; // not a shop of this agent's
  const fresh = messages.map(named).filter((message, i) => talk.hear({ ...message, at_ms: message.at_ms ?? i }));
  openTalk({ shop, id }, { fetch: false });
  const open = talk.open, { buyer, product, order, tags } = about;
  const context = Object.fromEntries(Object.entries({ buyer, product, order, tags }).filter(([, value]) => value !== undefined));
  try {
    if (fresh.some((message) => message.id.startsWith("?"))) throw new Error("nothing to know them by");
    await tell(talk, fresh, context);
    if (talk.open && talk.open === open) askSoon(talk, PUSHED);
  } catch { // the service is away, or does not follow chats: asked by hand, as for a pasted message
    if (desk.talk === talk && open && talk.open === open && talk.shown?.turn !== open) askNow(talk);
  }
}
