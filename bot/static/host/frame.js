// Any web desk that embeds the sidebar and speaks our protocol (docs/integrate.md): it hands the open chat over, and
// takes the chosen answer into its own reply box.
import { hear, tell } from "./origins.js";
import { VERSION, ours, read } from "./protocol.js";

const PATIENCE = 800; // ms until an answer that nobody took goes to the clipboard instead

export function frameHost() {
  const open = new Map(); // inserts under way, by id: each is answered once
  let listener = null, waiting = null, greeted = false, last = -1, shown = null, replies = 20, makeReady;
  const ready = new Promise((done) => { makeReady = done; });

  const say = (type, body) => tell({ type: `huashu:${type}`, v: VERSION, ...body });
  const refuse = (about, code, where = "") => say("error", { about, code, where });

  function meet() {
    greeted = true;
    makeReady();
  }

  function hello() {
    last = -1; // a host that (re)starts counts anew
    meet();
    // A host that came after us missed our own. Not for ever: one that answers each hello with another would never end.
    if (listener && replies-- > 0) say("hello", {});
  }

  function conversation({ seq, ...told }) {
    // A delivery that was repeated or overtaken must not bring the last buyer back.
    if (seq <= last) { refuse("huashu:conversation", "stale", "seq"); return; }
    last = seq;
    shown = told.id;
    meet();
    if (listener) listener(told); else waiting = told;
  }

  function inserted({ id, ok }) {
    open.get(id)?.(ok);
    open.delete(id);
  }

  const ACTS = { "huashu:hello": hello, "huashu:conversation": conversation, "huashu:inserted": inserted };

  hear((data) => {
    if (!ours(data) || data.type === "huashu:message") return; // that one is heard in inbox.js
    const { type, body, code, where } = read(data);
    if (code) refuse(type, code, where); else ACTS[type](body);
  });

  return {
    kind: "frame",
    ready,

    onConversation(fn) {
      listener = fn;
      say("hello", {});
      if (waiting) { fn(waiting); waiting = null; }
    },

    /** Ask the host to put the text into its reply box; false when it cannot, or does not say so in time. An answer for
     * another chat than the one that is open there would go to another buyer: the host is not even asked. */
    insert(text, { conversation: chat = "", shop = "" } = {}) {
      if (!greeted || chat !== shown) return Promise.resolve(false);
      const id = crypto.randomUUID?.() ?? [...crypto.getRandomValues(new Uint32Array(4))].join("-"); // no randomUUID on plain http
      return new Promise((done) => {
        const late = setTimeout(() => { open.delete(id); done(false); }, PATIENCE);
        open.set(id, (ok) => { clearTimeout(late); done(ok); });
        say("insert", { id, conversation: chat, shop, text, within_ms: PATIENCE });
      });
    },
  };
}
