// Buyer messages handed over one by one by the page that embeds us (a web desk, an extension): {type: "huashu:message",
// text: "…"}. Everybody may post to a window, so only our own origin and the listed ones are heard.
import { origins } from "./origins.js";

const LONGEST = 2000;

export function listen(onText) {
  addEventListener("message", (event) => {
    if (!origins.has(event.origin)) return;
    const { type, text } = event.data ?? {};
    if (type !== "huashu:message" || typeof text !== "string" || !text.trim()) return;
    onText(text.trim().slice(0, LONGEST));
  });
}
