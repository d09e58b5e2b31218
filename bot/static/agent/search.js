// Typed lookup for agents who know what they want: shortcut codes, questions, products.
import { api } from "../shared/api.js";
import { connection } from "./connection.js";
import { $, debounce, el } from "../shared/dom.js";

const FOUND_BY = { shortcut: "快捷码", question: "问题", phrasing: "相似问", text: "内容", product: "商品" }; // also _pinyin

export function mountSearch({ shop, onPick, onLeave }) {
  const box = $("search"), list = $("search-list"), pop = $("search-pop"), say = $("search-say");
  let results = [], at = -1, round = 0;

  function open(on) {
    pop.hidden = !on;
    box.setAttribute("aria-expanded", String(on));
    if (!on) point(-1);
  }

  function point(index) {
    at = index;
    [...list.children].forEach((node, i) => node.setAttribute("aria-selected", String(i === at)));
    if (at < 0) { box.removeAttribute("aria-activedescendant"); return; }
    box.setAttribute("aria-activedescendant", list.children[at].id);
    list.children[at].scrollIntoView({ block: "nearest" });
  }

  function item(result, i) {
    const whole = result.text.startsWith(result.title); // a quick phrase has no question: its own words are its title
    const node = el("li", { class: "find-item", role: "option", id: `search-${i}`, "aria-selected": "false", data: { id: result.id, type: result.type } },
      el("div", { class: "find-top" },
        result.shortcut ? el("kbd", {}, result.shortcut) : null,
        el("span", { class: whole ? "find-whole" : "find-title" }, whole ? result.text : result.title),
        el("span", { class: "chip" }, result.type === "product" ? "商品" : result.scene || FOUND_BY[result.matched.replace("_pinyin", "")] || "话术")),
      whole ? null : el("p", { class: "find-text" }, result.text));
    // mousedown, not click: a click would first blur the box and close the list under the pointer.
    node.addEventListener("mousedown", (event) => { event.preventDefault(); pick(i); });
    return node;
  }

  async function look() {
    const q = box.value.trim(), mine = ++round;
    if (!q) { results = []; list.replaceChildren(); open(false); return; }
    try {
      const reply = await connection.during(api.search(shop(), q));
      if (mine !== round) return;
      results = reply.results.map((result, i) => ({ ...result, rank: i + 1, search: reply.search, generation: reply.generation }));
      list.replaceChildren(...results.map(item));
      say.textContent = results.length ? `${results.length} 条，↑↓ 选择，Enter 复制话术或看商品` : "没有找到，换个说法试试";
    } catch (error) {
      if (mine !== round) return;
      say.textContent = error.message;
    }
    open(true);
    point(results.length ? 0 : -1);
  }
  const lookSoon = debounce(look, 250);

  function reset() {
    round += 1;
    lookSoon.cancel();
    box.value = "";
    results = [];
    list.replaceChildren();
    open(false);
  }

  async function pick(index) {
    const result = results[index];
    if (result && await onPick(result)) reset();
  }

  box.addEventListener("input", lookSoon);
  box.addEventListener("focus", () => { if (results.length) { open(true); point(0); } });
  box.addEventListener("blur", () => open(false));
  box.addEventListener("keydown", async (event) => {
    if (event.isComposing) return; // Enter that ends a pinyin composition chooses characters, not answers
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (results.length) point((at + (event.key === "ArrowDown" ? 1 : results.length - 1)) % results.length);
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (at < 0) { lookSoon.cancel(); await look(); } else pick(at);
    } else if (event.key === "Escape") {
      event.stopPropagation(); // this Esc closes the search; it must not count towards "new conversation"
      if (box.value) reset(); else onLeave();
    }
  });
  return { reset, focus: () => { box.focus(); box.select(); } };
}
