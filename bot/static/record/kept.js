// Events that wait for the server, kept in the browser so that a closed page or a dead computer loses none of them.
// One storage key per event: two open tabs never overwrite each other's list. Ids, kinds, numbers and our own reason codes
// only: what a buyer or an agent wrote must not stay behind on a shared computer.

const PREFIX = "huashu.event.";
const ANSWER_MS = 300; // for the other tabs to say that they are there
const OLD_MS = 30 * 86400e3; // left by somebody who never came back to this computer
const CODE = /^(fact:.*|[a-z_]{1,40})$/; // a reason of ours; anything else may be an agent's own words

export class Kept {
  /** onGone: another page has just been closed; what it left can be taken over at once. */
  constructor(actor, tab, onGone = () => {}) {
    Object.assign(this, { actor, tab });
    this.heard = new Set(); // tabs that answered the last call
    try {
      this.channel = new BroadcastChannel("huashu.tabs");
      this.channel.onmessage = ({ data }) => {
        if (data?.call) this.channel.postMessage({ here: this.tab });
        else if (data?.here) this.heard.add(data.here);
        else if (data?.gone) onGone();
      };
      addEventListener("pagehide", () => this.channel.postMessage({ gone: this.tab }));
    } catch { this.channel = null; } // then nobody answers: what is sent twice counts once all the same
  }

  /** Whether it is kept: storage may be full, or switched off. */
  put({ shop, made, event }) {
    const { text, shown, asked, reason, ...bare } = event;
    const kept = reason && CODE.test(reason) ? { ...bare, reason } : bare;
    try {
      localStorage.setItem(PREFIX + event.id, JSON.stringify({ shop, made, actor: this.actor, tab: this.tab, event: kept }));
      return true;
    } catch { return false; }
  }

  drop(id) {
    try { localStorage.removeItem(PREFIX + id); } catch { /* see put */ }
  }

  /** What this person's closed pages left, in the order in which it was made; from now on it is this page's. */
  async orphans() {
    if (!this.#others().length) return [];
    this.heard.clear();
    this.channel?.postMessage({ call: this.tab });
    await new Promise((done) => setTimeout(done, ANSWER_MS));
    // An open tab sends its own: it still has the words, which are not in storage, and the first to arrive counts.
    const left = this.#others().filter((item) => !this.heard.has(item.tab));
    left.forEach((item) => this.put(item));
    return left.sort((a, b) => (a.made ?? 0) - (b.made ?? 0));
  }

  /** This person's items of other pages. Somebody else's wait for them: sent now, they would carry the wrong name. */
  #others() {
    return this.#all().filter((item) => item.actor === this.actor && item.tab !== this.tab);
  }

  #all() {
    let keys = [];
    try { keys = Object.keys(localStorage).filter((name) => name.startsWith(PREFIX)); } catch { return []; }
    return keys.map((key) => this.#read(key)).filter(Boolean);
  }

  /** One damaged item must not hide the others; it and what is very old is swept out. */
  #read(key) {
    try {
      const item = JSON.parse(localStorage.getItem(key));
      if (item?.event?.id && item.shop && Date.now() - (item.made ?? 0) < OLD_MS) return item;
    } catch { /* damaged: dropped below */ }
    try { localStorage.removeItem(key); } catch { /* see put */ }
    return null;
  }
}
