// Events on their way to the server: kept until acknowledged, so a lost connection or a closed page loses none.
// The id is made here, once; the server drops an id it has seen, so sending again is always safe.
import { toast } from "./dom.js";

const PREFIX = "huashu.event.";
const BATCH = 100;
const WAITS = [2000, 4000, 8000, 15000, 30000];

/** crypto.randomUUID is missing on plain-http addresses in the office network; getRandomValues is not. */
export function uuid() {
  const b = crypto.getRandomValues(new Uint8Array(16));
  b[6] = (b[6] & 0x0f) | 0x40;
  b[8] = (b[8] & 0x3f) | 0x80;
  const hex = [...b].map((x) => x.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

export class Outbox {
  constructor({ post, who, onChange = () => {}, onError = () => {} }) {
    Object.assign(this, { post, who, onChange, onError });
    this.items = new Map();
    this.busy = false;
    this.tries = 0;
    this.timer = 0;
    this.#load();
  }

  get size() { return this.items.size; }

  add(shop, events) {
    for (const event of events) {
      const item = { shop, who: this.who, made: performance.timeOrigin + performance.now(), event: { id: uuid(), ...event, at: Math.floor(Date.now() / 1000) } };
      this.items.set(item.event.id, item);
      // One storage key per event: two open tabs never overwrite each other's list. Ids, kinds and numbers only —
      // what a buyer wrote must not stay behind on a shared computer.
      const { text, reason, asked, ...kept } = item.event;
      try { localStorage.setItem(PREFIX + item.event.id, JSON.stringify({ ...item, event: kept })); } catch { /* memory still holds it */ }
    }
    if (events.length) { this.onChange(this.size); this.#later(60); }
  }

  #load() {
    try {
      for (const key of Object.keys(localStorage).filter((name) => name.startsWith(PREFIX))) {
        const item = JSON.parse(localStorage.getItem(key));
        // Another person's left-overs wait for that person: sent now, they would carry the wrong name.
        if (item?.event?.id && item.who === this.who) this.items.set(item.event.id, item);
      }
      // Storage hands its keys out in any order; what was shown must not arrive after what was done with it.
      this.items = new Map([...this.items].sort(([, a], [, b]) => (a.made ?? 0) - (b.made ?? 0)));
    } catch { /* storage switched off or damaged: start empty */ }
    if (this.size) { this.onChange(this.size); this.#later(200); }
  }

  #drop(id) {
    this.items.delete(id);
    try { localStorage.removeItem(PREFIX + id); } catch { /* see add */ }
  }

  #later(ms) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.flush(), ms);
  }

  /** Send everything, shop by shop. On failure it stays and is tried again, more slowly each time. */
  async flush({ leaving = false } = {}) {
    if (this.busy && !leaving) { this.again = true; return; }
    clearTimeout(this.timer);
    this.busy = true;
    this.again = false;
    let failed = false;
    for (const shop of new Set([...this.items.values()].map((item) => item.shop))) {
      try {
        await this.#send(shop, leaving);
      } catch (error) {
        failed = true;
        this.onError(error);
        if (error.unreachable) break;
      }
    }
    this.busy = false;
    this.onChange(this.size);
    this.tries = failed ? this.tries + 1 : 0;
    if (failed) this.#later(WAITS[Math.min(this.tries, WAITS.length) - 1]);
    else if (this.again) this.#later(0);
  }

  async #send(shop, leaving) {
    const ours = [...this.items.values()].filter((item) => item.shop === shop).map((item) => item.event);
    for (let from = 0; from < ours.length; from += BATCH) {
      const batch = ours.slice(from, from + BATCH);
      try {
        await this.post(shop, batch, leaving);
        batch.forEach((event) => this.#drop(event.id));
      } catch (error) {
        if (![400, 413, 422].includes(error.status)) throw error;
        await this.#oneByOne(shop, batch, leaving);
      }
    }
  }

  /** One malformed event must not hold up the others for ever. */
  async #oneByOne(shop, batch, leaving) {
    for (const event of batch) {
      try {
        await this.post(shop, [event], leaving);
      } catch (error) {
        if (![400, 413, 422].includes(error.status)) throw error;
        toast("有一条操作记录服务器不接受，已放弃", true);
      }
      this.#drop(event.id);
    }
  }
}
