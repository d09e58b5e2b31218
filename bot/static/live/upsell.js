// Something that goes with what the buyer asks for. Offered rarely; when there is nothing, there is no frame either.
import { $, el } from "../shared/dom.js";

const DID = { inserted: "✓ 已复制", rejected: "✗ 不合适" };

/** shown: the record of the answers on screen, whose reply has upsell: {product, name, price, text, why, reason, source} or null. */
export function drawUpsell(shown) {
  const box = $("upsell"), upsell = shown?.offer ? shown.reply.upsell : null;
  box.hidden = !upsell;
  if (!upsell) { box.replaceChildren(); return; }
  const { name, price, text, why, source } = upsell, fate = shown.fate.get(shown.offer.rank) ?? "";
  const named = [name, price].filter(Boolean).join(" "), from = source ? `${why}（${source}）` : why;
  box.dataset.fate = fate;
  box.replaceChildren(
    el("span", { class: "hit-key", "aria-hidden": "true" }, "U"),
    el("div", { class: "hit-top" }, el("span", { class: "stated-mark" }, "可以推荐"), named ? el("span", { class: "chip", title: named }, named) : null,
      el("span", { class: "hit-did" }, DID[fate] ?? ""),
      el("button", { class: "btn btn-small stated-copy", type: "button", id: "upsell-copy", "aria-label": `复制推荐：${text}`, "aria-keyshortcuts": "u 8" }, "复制"),
      el("button", { class: "btn btn-small btn-quiet", type: "button", id: "upsell-reject", title: "这次不该推荐它", disabled: Boolean(fate) }, "不合适")),
    el("p", { class: "hit-text" }, text), why ? el("p", { class: "hit-meta", title: from }, `依据：${why}`) : "");
}

/** The whole card copies, but for the button that refuses it, and marking a part of it. */
export function mountUpsell({ onUse, onReject }) {
  $("upsell").addEventListener("click", (event) => {
    if (event.target.closest("#upsell-reject")) onReject();
    else if (event.target.closest("button") || !getSelection().toString()) onUse();
  });
}
