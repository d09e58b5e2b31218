// Something that goes with what the buyer asks for. Offered rarely; when there is nothing, there is no frame either.
import { $, el } from "../shared/dom.js";

/** upsell: {product, name, price, text, why, reason} or null. */
export function drawUpsell(upsell) {
  const box = $("upsell"), text = upsell?.text;
  box.hidden = !text;
  if (!text) { box.replaceChildren(); return; }
  const { name, price, why } = upsell;
  box.replaceChildren(
    el("span", { class: "hit-key", "aria-hidden": "true" }, "8"),
    el("div", { class: "hit-top" }, el("span", { class: "stated-mark" }, "可以推荐"), name ? el("span", { class: "chip" }, [name, price].filter(Boolean).join(" ")) : null,
      el("button", { class: "btn btn-small stated-copy", type: "button", id: "upsell-copy", "aria-keyshortcuts": "8" }, "复制")),
    el("p", { class: "hit-text" }, text), why ? el("p", { class: "hit-meta", title: why }, `依据：${why}`) : "");
}

export function mountUpsell(onUse) {
  $("upsell").addEventListener("click", () => { if (!getSelection().toString()) onUse(); });
}
