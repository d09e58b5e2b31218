// Events on their way to the server: each arrives once, whatever happens to the line, the page or the session.
// The id is made here, once; the server drops an id it has seen, so sending again is always safe.
import { toast } from "../shared/dom.js";
import { Kept } from "./kept.js";

const BATCH = 100, BATCH_CHARS = 12000; // at most 36 KB in UTF-8: the server takes 64 KB, and so does a page that is closing
const LEAVING_CHARS = 20000; // of all that a closing page may still send
const WAITS = [2000, 4000, 8000, 15000, 30000];
const LOOK_MS = 30000; // how often to look for what closed pages left
const REFUSED = [400, 413, 422];

/** crypto.randomUUID is missing on plain-http addresses in the office network; getRandomValues is not. */
export function uuid() {
  const b = crypto.getRandomValues(new Uint8Array(16));
  b[6] = (b[6] & 0x0f) | 0x40;
  b[8] = (b[8] & 0x3f) | 0x80;
  const hex = [...b].map((x) => x.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

const seconds = () => Math.floor(Date.now() / 1000);

export class Outbox {
  /** post(shop, batch, keepalive); actor: who is logged in, as the server names them; onChange(waiting, unsafe). */
  constructor({ post, actor, onChange = () => {}, onError = () => {} }) {
    Object.assign(this, { post, actor, onChange, onError });
    this.items = new Map(); // by the event's id, oldest first
    this.unkept = new Set(); // ids that only this page knows
    this.busy = this.again = false;
    this.tries = 0;
    this.timer = 0;
    this.kept = new Kept(actor, uuid(), () => this.#adopt());
    this.#adopt();
    setInterval(() => this.#adopt(), LOOK_MS);
    // Only where the browser keeps nothing: otherwise closing the page loses nothing, and nobody needs to be asked.
    addEventListener("beforeunload", (event) => { if (this.unkept.size) event.preventDefault(); });
    addEventListener("pageshow", (event) => { if (event.persisted) this.flush(); });
  }

  get size() { return this.items.size; }

  add(shop, events) {
    for (const told of events) {
      const item = { shop, made: performance.timeOrigin + performance.now(), event: { id: uuid(), ...told, at: seconds() } };
      this.items.set(item.event.id, item);
      if (!this.kept.put(item)) this.unkept.add(item.event.id);
    }
    if (events.length) { this.#changed(); this.#later(60); }
  }

  /** Send everything, shop by shop. On failure it stays and is tried again, more slowly each time. */
  async flush() {
    if (this.busy) { this.again = true; return; }
    clearTimeout(this.timer);
    this.busy = true;
    this.again = false;
    let failed = null;
    for (const shop of this.#shops()) {
      try {
        for (const batch of this.#batches(shop)) await this.#send(shop, batch);
      } catch (error) {
        failed = error;
        this.onError(error);
        if (error.unreachable) break;
      }
    }
    this.busy = false;
    this.#changed();
    this.tries = failed ? this.tries + 1 : 0;
    if (failed) this.#later(WAITS[Math.min(this.tries, WAITS.length) - 1]);
    else if (this.again) this.#later(0);
  }

  /** The page is closing: everything goes out at once, since nothing after a wait would run. What does not fit is kept. */
  leave() {
    let room = LEAVING_CHARS;
    for (const shop of this.#shops()) {
      for (const batch of this.#batches(shop)) {
        room -= length(batch);
        if (room < 0) return;
        this.#post(shop, batch, true).then(() => this.#drop(batch), () => {});
      }
    }
  }

  async #adopt() {
    const left = (await this.kept.orphans()).filter((item) => !this.items.has(item.event.id));
    for (const { shop, made, event } of left) this.items.set(event.id, { shop, made, event });
    if (left.length) { this.#changed(); this.#later(0); }
  }

  #changed() { this.onChange(this.size, this.unkept.size > 0); }

  #later(ms) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.flush(), ms);
  }

  #shops() { return new Set([...this.items.values()].map((item) => item.shop)); }

  #batches(shop) {
    const batches = [];
    let room = 0;
    for (const { event } of [...this.items.values()].filter((item) => item.shop === shop)) {
      room -= length(event);
      if (room < 0 || batches.at(-1).length >= BATCH) { batches.push([]); room = BATCH_CHARS - length(event); }
      batches.at(-1).push(event);
    }
    return batches;
  }

  /** Our clock goes along, so that a computer whose clock is wrong does not spoil the times; and whose events they are. */
  #post(shop, events, keepalive = false) {
    return this.post(shop, { events, now: seconds(), actor: this.actor }, keepalive);
  }

  async #send(shop, batch) {
    try {
      await this.#post(shop, batch);
      this.#drop(batch);
    } catch (error) {
      if (batch.length === 1 && REFUSED.includes(error.status)) {
        toast("有一条操作记录服务器不接受，已放弃", true);
        this.#drop(batch);
      } else if (batch.length > 1 && [...REFUSED, 500].includes(error.status)) {
        await this.#oneByOne(shop, batch);
      } else {
        throw error;
      }
    }
  }

  /** One event that the server cannot take must not hold up the others for ever. */
  async #oneByOne(shop, batch) {
    let failed = null;
    for (const event of batch) {
      try {
        await this.#send(shop, [event]);
      } catch (error) {
        if (error.status !== 500) throw error;
        failed = error;
      }
    }
    if (failed) throw failed;
  }

  #drop(batch) {
    for (const { id } of batch) {
      this.items.delete(id);
      this.unkept.delete(id);
      this.kept.drop(id);
    }
  }
}

const length = (value) => JSON.stringify(value).length;
