// The shop's products, each with its facts and the cell every fact came from.
import { api } from "../shared/api.js";
import { $, el } from "../shared/dom.js";
import { STATUS, factText, priceFirst } from "../shared/format.js";
import { mountPaged } from "./paged.js";
import { isPrice, priceRange, tidySkus } from "../shared/skus.js";

const from = (fact) => (fact.source ? `来源：${fact.source}` : null);

function priceOf(product) {
  const price = (product.facts ?? []).find(isPrice) ?? priceRange(product.skus);
  return price ? factText(price) : "—";
}

/** Variants side by side: a size chart is read down its columns. */
function skuTable(rows) {
  const names = [...new Set(rows.flatMap((sku) => priceFirst(sku.facts).map((fact) => fact.name)))];
  const cell = (sku, name) => {
    const facts = sku.facts.filter((fact) => fact.name === name);
    return el("td", { class: "num", title: facts.map(from).filter(Boolean).join("\n") || null }, facts.map(factText).join("、") || "—");
  };
  return el("div", { class: "sku-box" }, el("table", { class: "sku-table" },
    el("thead", {}, el("tr", {}, ...["规格", "编码", ...names].map((name) => el("th", { scope: "col" }, name)))),
    el("tbody", {}, ...rows.map((sku) => el("tr", { data: { sku: sku.key } }, el("th", { scope: "row" }, sku.name || "—"),
      el("td", { class: "mono" }, sku.key), ...names.map((name) => cell(sku, name)))))));
}

function facts(product) {
  const { same, rows } = tidySkus(product.skus);
  const grid = el("dl", { class: "fact-grid" }, ...priceFirst([...(product.facts ?? []), ...same]).map((fact) =>
    el("div", { class: factText(fact).length > 20 ? "fact-long" : null, title: from(fact) }, el("dt", {}, fact.name), el("dd", {}, factText(fact)))));
  const about = [product.key, product.brand, product.category, product.source].filter(Boolean).join(" · ");
  return el("tr", { class: "facts-row", id: `facts-${product.id}`, hidden: true }, el("td", { colspan: "6" },
    el("p", { class: "row-about small muted" }, about), grid, ...(rows.length ? [el("h3", {}, `${rows.length} 个规格`), skuTable(rows)] : [])));
}

function rows(product) {
  const detail = facts(product);
  const button = el("button", { class: "row-open", type: "button", "aria-expanded": "false", "aria-controls": detail.id }, el("span", { class: "caret", "aria-hidden": "true" }, "›"), product.name);
  const toggle = () => {
    detail.hidden = !detail.hidden;
    button.setAttribute("aria-expanded", String(!detail.hidden));
  };
  const status = STATUS[product.status];
  return [el("tr", { class: "row", data: { id: product.id }, on: { click: toggle } },
    el("td", {}, button, status && product.status !== "published" ? el("span", { class: `chip ${status.chip}` }, `${status.mark} ${status.text}`) : null),
    el("td", { class: "t-soft t-wide t-key" }, product.key), el("td", { class: "t-soft t-wide" }, [product.brand, product.category].filter(Boolean).join(" · ") || "—"),
    el("td", { class: "t-num" }, priceOf(product)), el("td", { class: "t-num" }, String(product.skus?.length ?? 0)),
    el("td", { class: "t-soft t-wide" }, product.source || "—")), detail];
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
