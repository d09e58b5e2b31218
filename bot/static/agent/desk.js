// All the talks of this agent and the one on screen. Everybody asks here whose buyer is being answered.
import { Talk } from "./talk.js";

const key = (shop, id) => `${shop}/${id}`;
const listeners = [];

export const desk = {
  shops: new Map(), // by slug
  talks: new Map(), // by shop and conversation
  talk: null, // on screen

  start(shops) { for (const shop of shops) this.shops.set(shop.slug, shop); },

  /** The talk of a conversation, made when it is first heard of; null for a shop that is not this agent's. */
  of(slug, id = "") {
    const shop = this.shops.get(slug);
    if (!shop) return null;
    if (!this.talks.has(key(slug, id))) this.talks.set(key(slug, id), new Talk(shop, id));
    return this.talks.get(key(slug, id));
  },

  /** Whether anything is kept about a conversation: one that nobody has opened yet needs nothing. */
  has(slug, id) { return this.talks.has(key(slug, id)); },

  forget(slug, id) { if (this.talk !== this.talks.get(key(slug, id))) this.talks.delete(key(slug, id)); },

  /** Put a talk on screen; the listeners put away the one before and draw this one, in the same breath. */
  show(talk) {
    const before = this.talk;
    if (talk === before) return;
    this.talk = talk;
    listeners.forEach((fn) => fn(talk, before));
  },

  onShow(fn) { listeners.push(fn); },
};
