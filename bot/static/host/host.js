// The system this sidebar lives in. One interface, whatever it is:
//   host.kind             "standalone" | "frame" | "chatwoot"
//   host.ready            a promise, kept when the host has spoken (at once where there is none)
//   host.onConversation(fn)   fn({id, shop?, buyer?, product?, order?, tags?, messages?}) whenever another chat is open there;
//                         call it once the page can take one. Nothing is told before
//   host.onText(fn)       fn(text) for words picked up by the bookmarklet: to look at, not yet a message of anybody
//   await host.insert(text, {conversation, shop})   true: it stands in the host's reply box; false: use the clipboard
import { aloneHost } from "./alone.js";
import { chatwootHost } from "./chatwoot.js";
import { frameHost } from "./frame.js";
import { openPocket } from "./pocket.js";

function find() {
  if (window.parent === window) return aloneHost();
  const hook = new URLSearchParams(location.search).get("hook");
  return hook ? chatwootHost(hook) : frameHost();
}

export const host = { ...find(), onText: openPocket };
