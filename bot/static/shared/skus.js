// What tells the variants of a product apart. Sheets repeat on every line what is the same for all of them.
import { factText } from "./format.js";

const plain = (text) => text.replace(/\s+/g, "").toLowerCase();
const parts = (name) => name.split(/[\s/+，,、;；（）()]+/).filter(Boolean);

export const isPrice = (fact) => /价/.test(fact.name);
export const isStock = (fact) => /库存/.test(fact.name);

/** The lowest and highest price of the variants, as one fact; none when they name no price. */
export function priceRange(skus) {
  const prices = (skus ?? []).flatMap((sku) => (sku.facts ?? []).filter(isPrice));
  const values = prices.map((fact) => Number(fact.value)).filter((value) => Number.isFinite(value));
  if (!values.length) return null;
  const low = Math.min(...values), high = Math.max(...values);
  return { name: prices[0].name, value: low === high ? `${low}` : `${low}–${high}`, unit: prices[0].unit, source: prices[0].source };
}

/** {same, rows}: facts that every variant shares, and per variant the rest without what its name says already. */
export function tidySkus(skus) {
  const list = skus ?? [];
  const text = (fact) => `${fact.name}\n${factText(fact)}`;
  const shared = (fact) => list.length > 1 && list.every((sku) => (sku.facts ?? []).some((other) => text(other) === text(fact)));
  const named = (sku, fact) => [sku.name, ...parts(sku.name)].some((part) => [fact.value, factText(fact)].map(plain).includes(plain(part)));
  const same = list.length > 1 ? (list[0].facts ?? []).filter((fact) => shared(fact) && !isStock(fact)) : [];
  const rows = list.map((sku) => ({ ...sku, facts: (sku.facts ?? []).filter((fact) => !same.some((one) => text(one) === text(fact)) && !named(sku, fact)) }));
  return { same, rows };
}

function mentions(text, part) {
  if (!/^[\x21-\x7e]+$/.test(part)) return text.includes(part);
  const escaped = part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`(?<![a-z0-9])${escaped}(?![a-z0-9])`, "i").test(text); // "M" must not be found in "MacBook"
}

const MOST = 4; // more than this is no longer an answer to "have you got that one"

/** The variants the buyer named (“豆绿M码还有吗”); none when it stays unclear which. */
export function skusIn(skus, text) {
  const scored = (skus ?? []).map((sku) => [sku, parts(sku.name).filter((part) => mentions(text, part)).length]);
  const best = Math.max(0, ...scored.map(([, score]) => score));
  const found = scored.filter(([, score]) => score === best).map(([sku]) => sku);
  return best && found.length <= MOST && found.length < scored.length ? found : [];
}
