// The messages between an embedding page and the sidebar (docs/integrate.md), version 1: closed shapes, bounded sizes.
// What does not fit is refused whole and said so; nothing of it is used.

export const VERSION = 1;

const text = (longest, least = 0) => (value) => typeof value === "string" && value.length >= least && value.length <= longest;
const matching = (pattern) => (value) => typeof value === "string" && pattern.test(value);
const oneOf = (...values) => (value) => values.includes(value);
const whole = (value) => Number.isSafeInteger(value) && value >= 0;
const flag = (value) => typeof value === "boolean";
const list = (check, most) => (value) => Array.isArray(value) && value.length <= most && value.every(check);
const maybe = (check) => Object.assign((value) => check(value), { optional: true });

const plain = (value) => typeof value === "object" && value !== null && [Object.prototype, null].includes(Object.getPrototypeOf(value));

/** The name of the first field that is unknown, missing or wrong; "" when all is well. */
function wrong(fields, value) {
  if (!plain(value)) return "?";
  const strange = Object.keys(value).find((name) => !Object.hasOwn(fields, name));
  if (strange !== undefined) return strange.slice(0, 40);
  return Object.keys(fields).find((name) => (value[name] === undefined ? !fields[name].optional : !fields[name](value[name]))) ?? "";
}

const shape = (fields) => (value) => wrong(fields, value) === "";

const id = matching(/^[A-Za-z0-9_\-:.]{1,64}$/);
const slug = matching(/^[a-z0-9][a-z0-9-]{0,39}$/);

const ORDER = {
  number: maybe(text(64)), product: maybe(text(100)), sku: maybe(text(200)),
  payment: maybe(oneOf("unpaid", "paid")), logistics: maybe(oneOf("waiting", "shipped", "delivering", "signed")),
  refund: maybe(oneOf("asked", "agreed", "refused", "done")),
};
const MESSAGE = { id: maybe(id), speaker: oneOf("buyer", "agent"), text: text(10_000, 1), at_ms: maybe(whole) };

const FIELDS = {
  "huashu:hello": { host: maybe(text(40)) },
  "huashu:conversation": {
    seq: whole, id, shop: maybe(slug), buyer: maybe(text(200)), product: maybe(text(100)), order: maybe(shape(ORDER)),
    tags: maybe(list(text(40, 1), 20)), messages: maybe(list(shape(MESSAGE), 50)),
  },
  "huashu:inserted": { id, ok: flag },
};

/** Is this meant for us at all? Everybody may post to a window; what is not ours is passed over in silence. */
export const ours = (data) => plain(data) && typeof data.type === "string" && data.type.startsWith("huashu:");

/** {type, body} of a good message, or {type, code, where} of a bad one. */
export function read(data) {
  const { type, v, ...body } = data;
  const fields = Object.hasOwn(FIELDS, type) ? FIELDS[type] : null;
  if (!fields) return { type: type.slice(0, 40), code: "unknown", where: "type" };
  if (v !== VERSION) return { type, code: "version", where: "v" };
  const where = wrong(fields, body);
  return where ? { type, code: "shape", where } : { type, body };
}
