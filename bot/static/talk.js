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
