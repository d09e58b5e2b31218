// Product cards: the price first, then what a buyer asks next; every fact tells which cell it came from.
import { $, el } from "./dom.js";
import { factText, priceFirst } from "./format.js";

const FIRST = 7; // price + six facts fit without scrolling at 360 px

function fact(one) {
  const price = /价/.test(one.name);
  const long = `${one.name}${factText(one)}`.length > 13; // a half row would cut it off
  return el("div", { class: `fact${price ? " fact-price" : long ? " fact-long" : ""}`, title: one.source ? `${one.name}：${factText(one)}\n来源：${one.source}` : null },
    el("dt", {}, one.name), el("dd", { class: price ? "num" : null }, factText(one)));
}

function sku(one) {
  return el("div", { class: "sku", data: { sku: one.key } }, el("b", {}, one.name), el("span", { class: "product-key" }, one.key),
    el("dl", { class: "facts" }, ...priceFirst(one.facts ?? []).map(fact)));
}

function more(product, rest) {
  const skus = product.skus ?? [];
  if (!rest.length && !skus.length) return null;
  const label = [rest.length ? `其余 ${rest.length} 项参数` : "", skus.length ? `${skus.length} 个规格` : ""].filter(Boolean).join("，");
  return el("details", {}, el("summary", {}, label), el("dl", { class: "facts" }, ...rest.map(fact)),
    el("div", { class: "skus" }, ...skus.map(sku)));
}

/** Shops often price by SKU only; the range is then what the agent may say. */
function rangeFromSkus(product) {
  const prices = (product.skus ?? []).flatMap((one) => (one.facts ?? []).filter((f) => /价/.test(f.name)));
  const values = prices.map((f) => Number(f.value)).filter((value) => Number.isFinite(value));
  if (!values.length) return [];
  const low = Math.min(...values), high = Math.max(...values);
  return [{ name: prices[0].name, value: low === high ? `${low}` : `${low}–${high}`, unit: prices[0].unit, source: prices[0].source }];
}

function card(product) {
  const own = product.facts ?? [];
  const all = priceFirst(own.some((one) => /价/.test(one.name)) ? own : [...rangeFromSkus(product), ...own]);
  const why = (product.reasons ?? []).map((reason) => reason.text).join("；");
  return el("article", { class: "product", data: { product: product.id }, "aria-label": product.name, title: why ? `依据：${why}` : null },
    el("h3", { class: "product-name" }, product.name, el("span", { class: "product-key" }, product.key)),
    el("dl", { class: "facts" }, ...all.slice(0, FIRST).map(fact)), more(product, all.slice(FIRST)));
}

export function drawGoods(products) {
  $("goods").replaceChildren(...(products ?? []).map(card));
  $("goods-say").hidden = Boolean(products?.length);
}
