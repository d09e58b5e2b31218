// Before anything is copied it is checked: another shop's words, what contradicts this shop's files, what may not be said.
// What was found stands under the text; a blocked text is copied only after a second, deliberate key.
import { api } from "../shared/api.js";
import { $, el, shape } from "../shared/dom.js";

const KINDS = { wrong_shop: "串店", fact: "与资料不符", contact: "站外引流", absolute: "绝对化用语", promise: "过度承诺", medical: "医疗功效", banned: "本店禁用" };
const GRAVE = { block: ["escalation", "chip-bad", "拦截"], warn: ["reference", "chip-warn", "提醒"], note: ["reference", "", "留意"] };
const PATIENCE = 1500; // ms; an agent who waits longer would copy by hand, unchecked

/** Verdicts on the texts on screen. A text is asked for once; what cannot be checked is said, never taken for clean. */
export class Verdicts {
  constructor() { this.known = new Map(); }

  forget() { this.known.clear(); }

  of(shop, text, product = "") {
    const key = [shop, product, text].join("\n");
    if (!this.known.has(key)) {
      const asked = api.check(shop, { text, product }, PATIENCE).catch(() => {
        this.known.delete(key); // asked again next time: the service may be back
        return { findings: [], blocked: false, unchecked: true };
      });
      this.known.set(key, asked);
    }
    return this.known.get(key);
  }
}

function line(found) {
  const [icon, chip, name] = GRAVE[found.severity] ?? GRAVE.warn;
  return el("li", { class: "finding", data: { rule: found.rule, severity: found.severity } },
    el("p", { class: "finding-what" }, el("span", { class: `chip ${chip}` }, shape(icon), `${name} · ${KINDS[found.kind] ?? "检查"}`),
      el("mark", { class: "finding-part" }, found.text), el("span", {}, found.why)),
    found.stated ? el("p", { class: "finding-more" }, `本店资料：${found.stated}${found.source ? `（${found.source}）` : ""}`) : null,
    found.advice ? el("p", { class: "finding-more" }, `建议：${found.advice}`) : null);
}

/** The findings of a verdict, the gravest first; null where there is nothing to say. */
export function findingsOf(verdict) {
  if (!verdict?.findings?.length) return null;
  const order = Object.keys(GRAVE);
  const sorted = [...verdict.findings].sort((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity) || a.start - b.start);
  return el("ul", { class: "findings", "aria-label": "发送前检查" }, ...sorted.map(line));
}

/** Put what was found under the text of a card that is still there; a second verdict takes the place of the first. */
export function drawUnder(node, verdict) {
  node.querySelector(":scope > .findings")?.remove();
  const list = findingsOf(verdict);
  if (list) node.querySelector(".hit-text").after(list);
  node.dataset.blocked = String(Boolean(verdict?.blocked));
}

let answer = null; // how the open question ends

function close(yes) {
  $("stop").hidden = true;
  const told = answer;
  answer = null;
  told?.(yes);
}

/** Whether a blocked text is to be copied all the same: Y or the button says yes, Esc no. Every other key does nothing, so
 *  that the key pressed twice in a hurry, which was meant for the copy, is no consent. */
export function insist(verdict, shopName) {
  if (answer) close(false);
  const before = document.activeElement;
  $("stop-title").textContent = `先别发给“${shopName}”的买家`;
  $("stop-why").replaceChildren(findingsOf({ findings: verdict.findings.filter((one) => one.severity === "block") }));
  $("stop").hidden = false;
  $("stop-no").focus({ preventScroll: true });
  return new Promise((resolve) => { answer = resolve; }).finally(() => before?.focus?.({ preventScroll: true }));
}

export function mountStop() {
  $("stop-no").addEventListener("click", () => close(false));
  $("stop-yes").addEventListener("click", () => close(true));
  // Captured before any other key handler: behind the question nothing may be copied, and no shop changed.
  addEventListener("keydown", (event) => {
    if (!answer || event.isComposing) return;
    const inside = event.key === "Tab" || (event.key === "Enter" && event.target.closest?.("#stop button"));
    if (event.key === "Tab") { event.preventDefault(); (document.activeElement === $("stop-no") ? $("stop-yes") : $("stop-no")).focus(); }
    if (!inside) event.preventDefault();
    event.stopPropagation();
    if (event.repeat) return;
    if (event.key === "Escape") close(false);
    else if (event.code === "KeyY" && !event.ctrlKey && !event.metaKey && !event.altKey) close(true);
  }, true);
}
