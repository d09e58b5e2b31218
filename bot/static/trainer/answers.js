// The answers of the open entry: one block each, with the conditions under which it is the right one.
import { $, el } from "../shared/dom.js";
import { fromLocalInput, toLocalInput } from "../shared/format.js";

const PLATFORMS = ["天猫", "淘宝", "京东", "拼多多", "抖音"];
// In the order of a purchase; any of one line, and that for each line of which one is picked.
const STATES = [
  ["付款", { unpaid: "未付款", paid: "已付款" }],
  ["物流", { waiting: "待发货", shipped: "运输中", delivering: "派送中", signed: "已签收" }],
  ["退款", { asked: "申请中", agreed: "已同意", refused: "已拒绝", done: "已完成" }],
];
const part = (block, name) => block.querySelector(`.${name}`);

const split = (text) => text.split(/[,，、;；\s]+/).map((one) => one.trim()).filter(Boolean);

function number() {
  const blocks = [...$("answers").children];
  blocks.forEach((block, i) => {
    part(block, "answer-no").textContent = `话术 ${i + 1}`;
    part(block, "answer-remove").hidden = blocks.length === 1;
  });
}

export function addAnswer(answer, shopPlatform, onChange) {
  const block = $("answer-template").content.firstElementChild.cloneNode(true);
  const { text = "", platforms = [], products = [], order_states = [], valid_from = null, valid_to = null } = answer ?? {};
  part(block, "a-text").value = text;
  part(block, "a-products").value = products.join("，");
  part(block, "a-from").value = toLocalInput(valid_from);
  part(block, "a-to").value = toLocalInput(valid_to);
  // Unknown names from the merchant's sheet are kept as they are; dropping one would widen the answer to every platform.
  const names = new Set([...(shopPlatform ? [shopPlatform] : []), ...PLATFORMS, ...platforms]);
  part(block, "a-platforms").append(el("span", { class: "hint" }, "平台"), ...[...names].map((name) => {
    const pick = el("input", { type: "checkbox", value: name });
    pick.checked = platforms.includes(name);
    return el("label", { class: "platform-pick" }, pick, name);
  }));
  part(block, "a-states").append(...STATES.map(([kind, states]) => el("div", { class: "a-platforms" }, el("span", { class: "hint" }, kind),
    ...Object.entries(states).map(([value, name]) => {
      const pick = el("input", { type: "checkbox", value });
      pick.checked = order_states.includes(value);
      return el("label", { class: "state-pick platform-pick" }, pick, name);
    }))));
  part(block, "a-more").open = Boolean(products.length || order_states.length || valid_from || valid_to);
  part(block, "answer-remove").addEventListener("click", () => { block.remove(); number(); onChange(); });
  $("answers").append(block);
  number();
  return block;
}

export function fillAnswers(answers, shopPlatform, onChange) {
  $("answers").replaceChildren();
  (answers.length ? answers : [null]).forEach((answer) => addAnswer(answer, shopPlatform, onChange));
}

export function readAnswers() {
  return [...$("answers").children].map((block) => ({
    text: part(block, "a-text").value.trim(),
    platforms: [...block.querySelectorAll(".platform-pick:not(.state-pick) input:checked")].map((pick) => pick.value),
    products: split(part(block, "a-products").value),
    order_states: [...block.querySelectorAll(".state-pick input:checked")].map((pick) => pick.value),
    valid_from: fromLocalInput(part(block, "a-from").value),
    valid_to: fromLocalInput(part(block, "a-to").value),
  })).filter((answer) => answer.text);
}
