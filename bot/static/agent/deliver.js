// How a text leaves the page: into the chat's own box where a host embeds us and takes it, else by the clipboard.
import { copy } from "./clipboard.js";
import { toast } from "../shared/dom.js";
import { host } from "../host/host.js";
import { noteFor } from "./notes.js";

const REASON = 500; // the server's own limit

/** A text that leaves although the check blocked it: which rules were overridden, and nothing of what it said. */
function overridden(talk) {
  const rules = [...new Set(talk.despite ?? [])], reply = talk.shown?.reply;
  talk.despite = [];
  if (!rules.length) return;
  const about = { ...(talk.live ? { conversation: talk.id } : {}), ...(reply ? { generation: reply.generation } : {}) };
  noteFor(talk)([{ kind: "inserted", suggestion: reply?.suggestion ?? "", reason: `despite:${rules}`.slice(0, REASON), ...about }]);
}

/** What was done, as the agent is told ("已填入", "已复制"); "" when neither worked, which has been said. */
export async function deliver(text, talk) {
  const done = (await host.insert(text, { conversation: talk.id, shop: talk.shop.slug })) ? "已填入" : (await copy(text)) ? "已复制" : "";
  if (done) { overridden(talk); return done; }
  toast("复制失败：浏览器不允许，请用鼠标选中后复制", true);
  return "";
}
