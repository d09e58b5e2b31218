// The key facts of a chat: seven lines drafted by the service, put right by the agent, confirmed with one key.
import { api } from "../shared/api.js";
import { desk } from "../agent/desk.js";
import { $, el, toast } from "../shared/dom.js";
import { board, factsClock } from "./board.js";
import { claim } from "./claim.js";
import { setClock } from "./clock.js";
import { errand } from "./errands.js";

const LINES = { topic: "问题类型", product: "商品", order: "订单号", wish: "诉求", mood: "情绪", promises: "承诺", next_step: "下一步" };
const LONGEST = 200;

const asText = (value) => (Array.isArray(value) ? value.join("；") : value ?? "");
const asList = (text) => text.split(/[；;\n]+/).map((one) => one.trim()).filter(Boolean);

/** The service's draft with what this agent has typed over it. */
function current(talk) {
  const one = talk.live ? board.get(talk.shop.slug, talk.id) : null;
  const draft = one?.key_facts ?? talk.shown?.reply.key_facts ?? {};
  return { one, confirmed: Boolean(draft.confirmed), lines: Object.fromEntries(Object.keys(LINES).map((name) => [name, talk.facts[name] ?? asText(draft[name])])) };
}

function makeLines() {
  return Object.entries(LINES).map(([name, label]) => el("div", { class: "fact-line" },
    el("label", { for: `kf-${name}` }, label),
    el("input", { type: "text", id: `kf-${name}`, name, maxlength: String(LONGEST), autocomplete: "off", spellcheck: "false" })));
}

export function drawKeyFacts(talk) {
  const { one, confirmed, lines } = current(talk);
  const changed = Object.keys(talk.facts).length > 0, clock = one ? factsClock(one) : null;
  $("key-facts").hidden = !talk.live;
  if (!talk.live) return;
  for (const [name, text] of Object.entries(lines)) {
    const box = $(`kf-${name}`);
    if (box.value !== text && box !== document.activeElement) box.value = text;
    box.parentElement.classList.toggle("is-empty", !text);
    box.title = text;
  }
  setClock($("kf-clock"), clock);
  const done = confirmed && !changed;
  $("kf-state").textContent = done ? "✓ 已确认" : changed && confirmed ? "改过，待确认" : clock ? "待确认" : one ? "草稿" : "";
  $("kf-confirm").disabled = done || !one;
  $("key-facts").classList.toggle("is-done", done);
  $("kf-brief").textContent = [lines.topic, lines.wish].filter(Boolean).join(" · ") || "还没有内容";
}

export function confirmFacts() {
  const talk = desk.talk;
  if (!talk.live) { toast("手动会话没有要确认的关键信息"); return; }
  const { one, confirmed, lines } = current(talk);
  if (!one || (confirmed && !Object.keys(talk.facts).length)) { toast(one ? "关键信息已经确认过了" : "会话已结束"); return; }
  const body = { ...lines, promises: asList(lines.promises) };
  const typed = { ...talk.facts };
  const { slug } = talk.shop;
  claim(talk);
  errand(`facts ${slug}/${talk.id}`, () => api.keyFacts(slug, talk.id, body), {
    done: (reply) => {
      for (const [name, text] of Object.entries(typed)) if (talk.facts[name] === text) delete talk.facts[name]; // what was typed since stays
      if (reply?.version) board.put(reply);
      toast("关键信息已确认");
      if (desk.talk === talk) drawKeyFacts(talk);
    },
  });
}

export function mountKeyFacts() {
  $("kf-lines").replaceChildren(...makeLines());
  $("kf-lines").addEventListener("input", ({ target }) => {
    desk.talk.facts[target.name] = target.value;
    drawKeyFacts(desk.talk);
  });
  $("kf-lines").addEventListener("keydown", (event) => {
    if (event.isComposing || event.key !== "Enter") return;
    event.preventDefault();
    confirmFacts();
    event.target.blur();
  });
  $("kf-confirm").addEventListener("click", confirmFacts);
  $("kf-toggle").addEventListener("click", () => {
    const on = $("kf-toggle").getAttribute("aria-expanded") !== "true";
    $("kf-toggle").setAttribute("aria-expanded", String(on));
    $("key-facts").classList.toggle("is-open", on);
  });
}
