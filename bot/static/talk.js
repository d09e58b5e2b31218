// What is known about the buyer being answered, one Talk per shop: switching shops can never mix two buyers.

const KEEP = 20; // turns sent along: enough for "那白色的呢", without a long talk growing every request

export class Talk {
  constructor(shop) {
    this.shop = shop;
    this.asked = 0; // number of the latest question: a slow, older reply is dropped
    this.draft = ""; // text left in the box when the agent looked at another shop
    this.clear();
  }

  clear() {
    this.chat = ""; // the host's conversation
    this.turns = [];
    this.shown = null; // the suggestion on screen
    this.goods = null; // a product looked up by hand, until the next message
    this.waiting = null; // a message that could not be asked because the service was away
    this.loading = false;
    this.between = false; // a new message is out, the cards are still the old ones
    this.asked += 1;
  }

  add(speaker, text) {
    const turn = { speaker, text };
    this.turns.push(turn);
    return turn;
  }

  before(turn) {
    const end = turn ? this.turns.indexOf(turn) : this.turns.length;
    return this.turns.slice(0, end).slice(-KEEP).map(({ speaker, text }) => ({ speaker, text }));
  }

  /** The agent wants the last message back in the box to mend it. */
  takeBack() {
    if (this.turns.at(-1)?.speaker !== "buyer") return "";
    return this.turns.pop().text;
  }
}

/** A suggestion on screen and what became of each hit; it decides which events are true. */
export class Shown {
  constructor(reply, text, turn) {
    this.reply = reply;
    this.text = text;
    this.turn = turn; // null while the agent is still typing: half a message is not a question yet
    this.counted = false;
    this.fate = new Map();
    this.taken = new Set(); // product facts that were copied
  }

  event(kind, hit) {
    return {
      kind, suggestion: this.reply.suggestion, entry: hit.entry, rank: hit.rank,
      probability: hit.probability, generation: this.reply.generation,
    };
  }

  /** "shown" once, and only for a whole message: pauses while typing would otherwise drown the hit rate. */
  countShown() {
    if (this.counted) return [];
    this.counted = true;
    return this.reply.hits.map((hit) => this.event("shown", hit));
  }

  decide(hit, kind) {
    if (this.fate.get(hit.rank) === kind) return [];
    this.fate.set(hit.rank, kind);
    // What was asked goes along with a decision only: from it the shop may learn. Passing over says nothing.
    const asked = kind === "ignored" ? {} : { asked: (this.turn?.text ?? this.text).slice(0, 2000) };
    return [{ ...this.event(kind, hit), ...asked }];
  }

  /** What was copied was no entry; the reason tells which fact of which product. */
  takeFact(index) {
    if (this.taken.has(index)) return [];
    this.taken.add(index);
    const { product, attribute } = this.reply.facts[index];
    return [{ kind: "inserted", suggestion: this.reply.suggestion, generation: this.reply.generation, reason: `fact:${product}:${attribute}`.slice(0, 500) }];
  }

  open() { return this.reply.hits.filter((hit) => !this.fate.has(hit.rank)); }

  /** Leaving the screen: what was shown and never used was passed over. */
  leave() {
    if (!this.counted) return [];
    return this.open().flatMap((hit) => this.decide(hit, "ignored"));
  }
}
