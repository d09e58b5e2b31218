// The agent's own words: written or pasted here, checked while they are typed, copied with Ctrl+Enter.
import { findingsOf } from "./check.js";
import { $, debounce } from "../shared/dom.js";

export function mountDraft({ verdict, copyOwn }) {
  const box = $("draft"), list = $("draft-findings");
  let round = 0;

  async function look() {
    const mine = ++round, text = box.value.trim();
    const found = text ? await verdict(text) : null;
    if (mine !== round) return; // typed on meanwhile, or another shop
    list.replaceChildren(...[findingsOf(found)].filter(Boolean));
    $("draft-say").textContent = found?.unchecked ? "服务连不上，没有检查" : text && !found?.findings.length ? "没有发现问题" : "";
  }
  const lookSoon = debounce(look, 250);

  async function send() {
    const text = box.value.trim();
    lookSoon.cancel();
    if (!text) { box.focus(); return; }
    await look();
    if (await copyOwn(text)) reset();
  }

  function reset(text = "") {
    round += 1;
    lookSoon.cancel();
    box.value = text;
    list.replaceChildren();
    $("draft-say").textContent = "";
    if (text) look();
  }

  box.addEventListener("input", (event) => { if (!event.isComposing) lookSoon(); });
  box.addEventListener("compositionend", lookSoon);
  box.addEventListener("keydown", (event) => {
    if (!event.isComposing && event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); send(); }
  });
  $("draft-form").addEventListener("submit", (event) => { event.preventDefault(); send(); });
  return { reset, text: () => box.value, focus: () => box.focus() };
}
