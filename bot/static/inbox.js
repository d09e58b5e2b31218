// Messages handed over by the page that embeds us (a web desk, an extension). Everybody may post to a window,
// so only our own origin and the listed ones are heard, and only one kind of message.

const LONGEST = 2000;

export function listen(onText) {
  const listed = document.querySelector('meta[name="huashu-origins"]')?.content.split(/\s+/).filter(Boolean) ?? [];
  const heard = new Set([location.origin, ...listed]);
  addEventListener("message", (event) => {
    if (!heard.has(event.origin)) return;
    const { type, text } = event.data ?? {};
    if (type !== "huashu:message" || typeof text !== "string" || !text.trim()) return;
    onText(text.trim().slice(0, LONGEST));
  });
}
