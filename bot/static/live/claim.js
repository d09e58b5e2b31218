// Whoever answers a buyer serves them; colleagues of the same shop see it in their queues.
import { api } from "../shared/api.js";
import { board } from "./board.js";

export async function claim(talk) {
  const one = board.get(talk.shop.slug, talk.id);
  if (!one || one.agent) return;
  try {
    const reply = await api.claim(talk.shop.slug, talk.id);
    if (reply?.version) board.put(reply);
  } catch { /* a courtesy to colleagues; the answer itself is on its way */ }
}
