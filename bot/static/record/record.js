// What an agent did with the answers to one message, told as it happens: shown → viewed → inserted → edited → sent, or
// rejected, or ignored. Which events are true is decided here and not in the page (docs/events.md says what each means).

const ASKED = 2000, TEXT = 10000, REASON = 500; // the server's own limits
const OFFER = 8; // the rank of an offer's card (加购推荐): its key on the page
const BOTH = 15000; // characters of two texts that fit into one request; without the first, the server takes what it has stored

export class Record {
  /** add(events) takes them to the outbox; text is what was asked, turn null while the agent is still typing it. */
  constructor(reply, { add, text = "", turn = null }) {
    Object.assign(this, { reply, add, text, turn });
    const upsell = reply.upsell?.text ? reply.upsell : null;
    this.offer = upsell && { rank: OFFER, entry: "", probability: 0, offer: upsell.reason ?? "", answer: { text: upsell.text } };
    this.counted = false; // shown() was called
    this.fate = new Map(); // rank → what was last done with the card
    this.words = new Map(); // rank → the agent's own wording that was last told
    this.seen = new Set(); // ranks that were really looked at
    this.taken = new Set(); // product facts that were copied
  }

  /** Once, and only for a whole message: pauses while typing would otherwise drown the hit rate. */
  shown() {
    if (this.counted) return;
    this.counted = true;
    this.add(this.#cards().map((hit) => this.#event("shown", hit)));
    this.add(this.reply.hits.filter((hit) => this.seen.has(hit.rank)).map((hit) => this.#event("viewed", hit)));
  }

  /** The card was in sight for a second (seen.js says when). Before the message counts it is only remembered. */
  viewed(hit) {
    if (this.seen.has(hit.rank)) return;
    this.seen.add(hit.rank);
    if (this.counted) this.add([this.#event("viewed", hit)]);
  }

  /** Copied, or put into the host's box, as it stood. */
  inserted(hit) { if (this.#turns(hit, "inserted")) this.add([this.#decided("inserted", hit)]); }

  /** Copied in the agent's own wording; `text` is all of it. The server keeps what was changed, not the text twice. */
  edited(hit, text) {
    if (text === wording(hit)) { this.inserted(hit); return; }
    if (this.words.get(hit.rank) === text && this.fate.get(hit.rank) === "edited") return;
    this.words.set(hit.rank, text);
    this.fate.set(hit.rank, "edited");
    this.add([{ ...this.#decided("edited", hit), ...said(hit, text) }]);
  }

  /** The host says that it went to the buyer; `text` only where it knows what was sent. */
  sent(hit, text = "") {
    if (this.#turns(hit, "sent")) this.add([{ ...this.#decided("sent", hit), ...(text ? said(hit, text) : {}) }]);
  }

  /** Does not fit. `reason` is a code of docs/events.md or the agent's own words. */
  rejected(hit, reason = "") {
    if (this.#turns(hit, "rejected")) this.add([{ ...this.#decided("rejected", hit), reason: reason.slice(0, REASON) }]);
  }

  /** What was copied was no entry; the reason tells which fact of which product. */
  fact(index) {
    if (this.taken.has(index)) return;
    this.taken.add(index);
    const { product, attribute } = this.reply.facts[index];
    this.add([{ ...this.#about("inserted"), reason: `fact:${product}:${attribute}`.slice(0, REASON) }]);
  }

  /** Hits that nothing was done with yet. */
  open() { return this.reply.hits.filter((hit) => !this.fate.has(hit.rank)); }

  /** The answers leave the screen, for the next message's ("superseded") or with the chat ("closed"): the rest was passed over. */
  leave(reason = "superseded") {
    if (!this.counted) return;
    const rest = this.#cards().filter((hit) => !this.fate.has(hit.rank));
    rest.forEach((hit) => this.fate.set(hit.rank, "ignored"));
    this.add(rest.map((hit) => ({ ...this.#event("ignored", hit), reason })));
  }

  #cards() { return this.offer ? [...this.reply.hits, this.offer] : this.reply.hits; }

  /** Whether this is news: the same done twice is one event. */
  #turns(hit, kind) {
    if (this.fate.get(hit.rank) === kind) return false;
    this.fate.set(hit.rank, kind);
    return true;
  }

  #about(kind) {
    const { suggestion, generation, conversation } = this.reply;
    return { kind, suggestion, generation, ...(conversation ? { conversation } : {}) };
  }

  /** An offer is known by its reason: what was offered, and from where. */
  #event(kind, hit) {
    const said = hit.offer ? { reason: hit.offer.slice(0, REASON) } : {};
    return { ...this.#about(kind), entry: hit.entry, rank: hit.rank, probability: hit.probability, ...said };
  }

  /** What was asked goes along with a decision only: from it the shop may learn. Passing over says nothing. */
  #decided(kind, hit) { return hit === this.offer ? this.#event(kind, hit) : { ...this.#event(kind, hit), asked: (this.turn?.text ?? this.text).slice(0, ASKED) }; }
}

/** What stands on a card: the answer with its variables filled in, where the server did that. */
export const wording = (hit) => hit.filled?.text ?? hit.answer?.text ?? "";

function said(hit, text) {
  const shown = wording(hit).slice(0, TEXT), sent = text.slice(0, TEXT);
  return shown.length + sent.length > BOTH ? { text: sent } : { shown, text: sent };
}
