// The shop's products, each with its facts and the cell every fact came from.
import { api } from "./api.js";
import { $, el } from "./dom.js";
import { factText, priceFirst } from "./format.js";
import { mountPaged } from "./paged.js";

const isPrice = (fact) => /价/.test(fact.name);

function priceOf(product) {
  const own = (product.facts ?? []).find(isPrice);
  if (own) return factText(own);
  const values = (product.skus ?? []).flatMap((sku) => (sku.facts ?? []).filter(isPrice)).map((fact) => Number(fact.value)).filter(Number.isFinite);
  if (!values.length) return "—";
  const low = Math.min(...values), high = Math.max(...values);
  return low === high ? `${low}元` : `${low}–${high}元`;
}

function facts(product) {
  const grid = el("dl", { class: "fact-grid" }, ...priceFirst(product.facts ?? []).map((fact) =>
    el("div", { title: fact.source ? `来源：${fact.source}` : null }, el("dt", {}, fact.name), el("dd", {}, factText(fact)))));
  const skus = (product.skus ?? []).map((sku) => el("div", { class: "sku-line" },
    el("b", {}, sku.name, " ", el("span", { class: "mono" }, sku.key)),
    el("span", {}, ...priceFirst(sku.facts ?? []).map((fact) => el("span", { title: fact.source ? `来源：${fact.source}` : null }, `${fact.name} ${factText(fact)}`)))));
  return el("tr", { class: "facts-row", id: `facts-${product.id}`, hidden: true }, el("td", { colspan: "6" }, grid, ...(skus.length ? [el("h3", {}, "规格"), ...skus] : [])));
}

function rows(product) {
  const detail = facts(product);
  const button = el("button", { class: "row-open", type: "button", "aria-expanded": "false", "aria-controls": detail.id }, el("span", { class: "caret", "aria-hidden": "true" }, "›"), product.name);
  const toggle = () => {
    detail.hidden = !detail.hidden;
    button.setAttribute("aria-expanded", String(!detail.hidden));
  };
  return [el("tr", { class: "row", data: { id: product.id }, on: { click: toggle } },
    el("td", {}, button, product.status && !["active", "published", "on"].includes(product.status) ? el("span", { class: "chip" }, product.status) : null),
    el("td", { class: "t-soft" }, product.key), el("td", { class: "t-soft" }, [product.brand, product.category].filter(Boolean).join(" · ") || "—"),
    el("td", { class: "t-num" }, priceOf(product)), el("td", { class: "t-num" }, String(product.skus?.length ?? 0)),
    el("td", { class: "t-soft" }, product.source || "—")), detail];
}

export function mountProducts({ shop }) {
  return mountPaged("product", {
    fetchPage: async (offset, limit) => {
      const reply = await api.products(shop().slug, { q: $("product-q").value.trim(), offset, limit });
      return { total: reply.total, rows: reply.products };
    },
    drawRows: (products) => $("product-rows").replaceChildren(...products.flatMap(rows)),
    nothing: () => ($("product-q").value.trim() ? "没有找到这样的商品" : "还没有商品：到“导入”拖入商品表。"),
  });
}
