// What is known about the buyer being answered: one Talk per conversation, and one per shop for what is pasted by hand.
// Nothing about a buyer lives anywhere else, so switching conversations can never mix two of them.

const KEEP = 20; // turns sent along: enough for "那白色的呢", without a long talk growing every request

export class Talk {
  constructor(shop, id = "") {
    this.shop = shop;
    this.id = id; // the host's; "" for what is pasted by hand
    this.asked = 0; // number of the latest question: a slow, older reply is dropped
    this.draft = ""; // text left in the box when the agent looked at another buyer
    this.own = ""; // the same of the agent's own words
    this.clear();
  }

  get live() { return this.id !== ""; }

  clear() {
    this.turns = [];
    this.shown = null; // the suggestion on screen
    this.goods = null; // a product looked up by hand, until the next message
    this.waiting = null; // a message that could not be asked because the service was away
    this.loading = false;
    this.between = false; // a new message is out, the cards are still the old ones
    this.held = null; // a suggestion that came while an answer was being edited
    this.had = null; // texts by rank that a pushed answer has just taken the place of
    this.since = 0; // when the answers on screen came
    this.lead = ""; // the request for help whose answer was copied
    this.editing = null; // {rank, text}: an answer under the agent's hands
    this.facts = {}; // key facts typed and not confirmed yet, by name
    this.copied = ""; // what was last copied and not yet heard of from the chat
    this.took = null; // the hit that it was made of
    this.read = false; // a live conversation: its earlier messages have been fetched
    this.asked += 1;
  }

  add(speaker, text) {
    const turn = { speaker, text };
    this.turns.push(turn);
    return turn;
  }

  /** A message of a live conversation, in its place by time; false when it is known already. */
  hear({ id, speaker, text, at_ms }) {
    if (this.turns.some((turn) => turn.id === id)) return false;
    const at = this.turns.findLastIndex((turn) => (turn.at_ms ?? 0) <= at_ms);
    this.turns.splice(at + 1, 0, { id, speaker, text, at_ms });
    return true;
  }

  /** The buyer's message that the newest suggestion has to answer: the last one, unless it was replied to. */
  get open() { return this.turns.at(-1)?.speaker === "buyer" ? this.turns.at(-1) : null; }

  before(turn) {
    const at = turn ? this.turns.indexOf(turn) : -1;
    const end = at < 0 ? this.turns.length : at; // a question in other words is no message of the chat
    return this.turns.slice(0, end).slice(-KEEP).map(({ speaker, text }) => ({ speaker, text }));
  }

  /** The agent wants the last message back in the box to mend it. */
  takeBack() {
    if (this.turns.at(-1)?.speaker !== "buyer") return "";
    return this.turns.pop().text;
  }
}
