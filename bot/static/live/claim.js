// Whoever answers a buyer serves them; colleagues of the same shop see it in their queues.
import { api, explain } from "../shared/api.js";
import { toast } from "../shared/dom.js";
import { board } from "./board.js";

export async function claim(talk) {
  const one = board.get(talk.shop.slug, talk.id);
  if (!one || one.agent) return;
  try {
    const reply = await api.claim(talk.shop.slug, talk.id);
    if (reply?.version) board.put(reply);
  } catch (error) {
    if (error.status === 409) toast(`先别发：${explain(error).text}`, true); // two took it at once; otherwise a courtesy only
  }
}
