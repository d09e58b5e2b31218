// The open conversations of all the agent's shops, as the service tells them, and its clock.

export const key = (one) => `${one.shop}/${one.conversation ?? one.id}`;
const REPLY = new Set(["first_reply", "reply"]);
const listeners = [];
let all = new Map();
const gone = new Map(); // versions of those that were closed, so that an older word does not open them again
let skew = 0; // ms: the service's clock less this computer's, which may be minutes wrong

export const running = (one, kinds) => one.clocks?.find((clock) => kinds(clock.kind) && clock.ended_ms === null) ?? null;
export const replyClock = (one) => running(one, (kind) => REPLY.has(kind));
export const factsClock = (one) => running(one, (kind) => kind === "key_facts");

/** Served by a colleague. Who is at this page is told by the stream; until then nobody is a colleague. */
export const others = (one) => Boolean(one.agent && board.me && one.agent !== board.me);

/** 0: a buyer waits; 1: something else is due; 2: nothing is; 3: a colleague serves it. */
function group(one) {
  if (others(one)) return 3;
  return replyClock(one) ? 0 : factsClock(one) ? 1 : 2;
}

const due = (one) => (replyClock(one) ?? factsClock(one))?.due_ms ?? Infinity;
const spoke = (one) => one.last?.at_ms ?? 0;

export const board = {
  me: "", // id of whoever is at this page
  ever: false, // a conversation has been seen: the queue has its place on the page from then on

  get size() { return all.size; },
  now: () => Date.now() + skew,
  tell(now_ms) { if (Number.isFinite(now_ms)) skew = now_ms - Date.now(); },
  get: (shop, id) => all.get(`${shop}/${id}`) ?? null,

  /** Buyers first, by who would be kept waiting too long first. */
  urgent() {
    const rows = [...all.values()].map((one) => ({ one, group: group(one), due: due(one) }));
    rows.sort((a, b) => a.group - b.group || (a.due === b.due ? 0 : a.due - b.due) || spoke(b.one) - spoke(a.one));
    return rows.map((row) => row.one);
  },

  waiting() { return this.urgent().filter((one) => group(one) === 0); },

  /** What is told late never takes the place of what is newer. */
  put(one) {
    const known = all.get(key(one));
    if ((known?.version ?? gone.get(key(one)) ?? -1) > one.version) return;
    if (one.open) all.set(key(one), one); else { all.delete(key(one)); gone.set(key(one), one.version); }
    this.ever ||= one.open;
    listeners.forEach((fn) => fn(one, known ?? null));
  },

  /** The whole queue anew; `since` is what `mark()` gave before it was asked for. */
  reset(list, since = new Map()) {
    const fresh = new Map(list.filter((one) => !(gone.get(key(one)) >= one.version)).map((one) => [key(one), one]));
    for (const [name, one] of all) {
      const told = since.get(name) !== one; // changed while the list was on its way
      if (told && (fresh.get(name)?.version ?? -1) < one.version) fresh.set(name, one);
    }
    all = fresh;
    this.ever ||= all.size > 0;
    listeners.forEach((fn) => fn(null, null));
  },

  mark: () => new Map(all),
  onChange(fn) { listeners.push(fn); },
};
