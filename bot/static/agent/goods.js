// Product cards: the price first, then what a buyer asks next; every fact tells which cell it came from.
import { $, el } from "../shared/dom.js";
import { factText, priceFirst } from "../shared/format.js";
import { isPrice, isStock, priceRange, skusIn, tidySkus } from "../shared/skus.js";

const FIRST = 7; // price + six facts fit without scrolling at 360 px

const from = (fact) => (fact.source ? `${fact.name}：${factText(fact)}\n来源：${fact.source}` : null);

function fact(one) {
  const price = isPrice(one);
  const long = `${one.name}${factText(one)}`.length > 13; // a half row would cut it off
  return el("div", { class: `fact${price ? " fact-price" : long ? " fact-long" : ""}`, title: from(one) },
    el("dt", {}, one.name), el("dd", { class: price ? "num" : null }, factText(one)));
}

const small = (one) => el("span", { title: from(one) }, `${one.name} ${factText(one)}`);

function stock(one) {
  const out = Number(one.value) === 0;
  return el("span", { class: `num ${out ? "sku-out" : "sku-stock"}`, title: from(one) }, out ? "缺货" : `${one.name} ${factText(one)}`);
}

function sku(one) {
  const prices = one.facts.filter(isPrice), stocks = one.facts.filter(isStock);
  const rest = one.facts.filter((fact) => !isPrice(fact) && !isStock(fact));
  return el("div", { class: "sku", data: { sku: one.key } },
    el("div", { class: "sku-top" }, el("b", {}, one.name || one.key), ...prices.map((price) => el("span", { class: "num", title: from(price) }, factText(price))),
      ...stocks.map(stock), one.name ? el("span", { class: "product-key" }, one.key) : null),
    rest.length ? el("div", { class: "sku-facts" }, ...rest.map(small)) : null);
}

function more(rest, same, rows) {
  const hidden = rest.length + same.length;
  if (!hidden && !rows.length) return null;
  const label = [hidden ? `其余 ${hidden} 项参数` : "", rows.length ? `全部 ${rows.length} 个规格` : ""].filter(Boolean).join("，");
  return el("details", {}, el("summary", {}, label), el("dl", { class: "facts" }, ...rest.map(fact), ...same.map(fact)),
    el("div", { class: "skus" }, ...rows.map(sku)));
}

function card(product, text) {
  const own = product.facts ?? [];
  const range = own.some(isPrice) ? null : priceRange(product.skus); // shops often price by variant only
  const all = priceFirst(range ? [range, ...own] : own);
  const { same, rows } = tidySkus(product.skus);
  const shared = same.filter((one) => !(range && isPrice(one))); // that price heads the card already
  const keys = skusIn(product.skus, text).map((one) => one.key);
  const asked = rows.filter((one) => keys.includes(one.key));
  const why = (product.reasons ?? []).map((reason) => reason.text).join("；");
  return el("article", { class: "product", data: { product: product.id }, "aria-label": product.name, title: why ? `依据：${why}` : null },
    el("h3", { class: "product-name" }, product.name, el("span", { class: "product-key" }, product.key)),
    el("dl", { class: "facts" }, ...all.slice(0, FIRST).map(fact)),
    asked.length ? el("div", { class: "skus skus-asked" }, ...asked.map(sku)) : null,
    more(all.slice(FIRST), shared, rows));
}

/** text: what the buyer wrote; the variants named in it are shown without opening the list. */
export function drawGoods(products, text = "") {
  $("goods").replaceChildren(...(products ?? []).map((product) => card(product, text)));
  $("goods").scrollTop = 0;
  $("goods-say").hidden = Boolean(products?.length);
}
