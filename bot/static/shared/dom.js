// Building DOM from data. Text only ever enters as text nodes, so a merchant's sheet can never become markup.

const SVG = "http://www.w3.org/2000/svg";

export const $ = (id) => document.getElementById(id);

/** el("p", {class: "x", on: {click: f}, data: {rank: 1}, title: "…"}, "text", node, null) */
export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "class") node.className = value;
    else if (name === "on") for (const [type, fn] of Object.entries(value)) node.addEventListener(type, fn);
    else if (name === "data") Object.assign(node.dataset, value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
  return node;
}

// Three shapes for three bands, one for each mood: a colour-blind agent tells them apart by outline alone.
const SHAPES = {
  direct: [["circle", { cx: 8, cy: 8, r: 7.2, fill: "currentColor" }],
    ["path", { d: "M4.6 8.3l2.4 2.4 4.5-5", fill: "none", stroke: "var(--surface)", "stroke-width": 1.9, "stroke-linecap": "round", "stroke-linejoin": "round" }]],
  reference: [["path", { d: "M8 1.4 15 14H1z", fill: "none", stroke: "currentColor", "stroke-width": 1.5, "stroke-linejoin": "round" }],
    ["path", { d: "M8 6v4M8 12v.4", stroke: "currentColor", "stroke-width": 1.6, "stroke-linecap": "round" }]],
  unsure: [["circle", { cx: 8, cy: 8, r: 6.6, fill: "none", stroke: "currentColor", "stroke-width": 1.4, "stroke-dasharray": "2.6 2" }],
    ["path", { d: "M6.2 6.4c0-2.3 3.6-2.3 3.6 0 0 1.4-1.8 1.5-1.8 2.9M8 11.4v.3", fill: "none", stroke: "currentColor", "stroke-width": 1.4, "stroke-linecap": "round" }]],
  escalation: [["path", { d: "M5 1.2h6L14.8 5v6L11 14.8H5L1.2 11V5z", fill: "none", stroke: "currentColor", "stroke-width": 1.5, "stroke-linejoin": "round" }],
    ["path", { d: "M8 4.6v4.2M8 11v.4", stroke: "currentColor", "stroke-width": 1.7, "stroke-linecap": "round" }]],
  urgent: [["circle", { cx: 8, cy: 8, r: 6.6, fill: "none", stroke: "currentColor", "stroke-width": 1.5 }],
    ["path", { d: "M8 4.4V8l2.6 1.8", fill: "none", stroke: "currentColor", "stroke-width": 1.5, "stroke-linecap": "round", "stroke-linejoin": "round" }]],
  // A clock's four states: a ring, a half-filled one, a diamond, a full octagon.
  calm: [["circle", { cx: 8, cy: 8, r: 5.6, fill: "none", stroke: "currentColor", "stroke-width": 1.6 }]],
  soon: [["circle", { cx: 8, cy: 8, r: 5.6, fill: "none", stroke: "currentColor", "stroke-width": 1.6 }], ["path", { d: "M8 2.4a5.6 5.6 0 0 1 0 11.2z", fill: "currentColor" }]],
  now: [["path", { d: "M8 1.2 14.8 8 8 14.8 1.2 8z", fill: "currentColor" }]],
  over: [["path", { d: "M5.2 1.4h5.6l3.8 3.8v5.6l-3.8 3.8H5.2l-3.8-3.8V5.2z", fill: "currentColor" }],
    ["path", { d: "M8 4.4v4.4M8 11.2v.3", stroke: "var(--surface)", "stroke-width": 1.8, "stroke-linecap": "round" }]],
  help: [["path", { d: "M8 14.6c-.6 0-5.8-3-5.8-7.2V3.6L8 1.4l5.8 2.2v3.8c0 4.2-5.2 7.2-5.8 7.2z", fill: "none", stroke: "currentColor", "stroke-width": 1.5, "stroke-linejoin": "round" }],
    ["path", { d: "M6.3 6.2c0-2.1 3.4-2.1 3.4 0 0 1.2-1.7 1.3-1.7 2.6M8 11v.3", fill: "none", stroke: "currentColor", "stroke-width": 1.4, "stroke-linecap": "round" }]],
};

export function shape(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  for (const [tag, attributes] of SHAPES[name] ?? SHAPES.unsure) {
    const part = document.createElementNS(SVG, tag);
    for (const [key, value] of Object.entries(attributes)) part.setAttribute(key, value);
    svg.append(part);
  }
  return svg;
}

const VARIABLE = /\{[^{}\n]{1,40}\}/g;

export const variablesIn = (text) => [...new Set(text.match(VARIABLE) ?? [])];

/** The answer with each {变量} marked as something still to be filled in. */
export function answerNodes(text) {
  const nodes = [];
  let from = 0;
  for (const found of text.matchAll(VARIABLE)) {
    nodes.push(text.slice(from, found.index), el("mark", { class: "fill" }, found[0]));
    from = found.index + found[0].length;
  }
  nodes.push(text.slice(from));
  return nodes.filter((node) => node !== "");
}

let toastTimer = 0;

/** One short confirmation at the foot of the page; #toast is a live region, so it is also read out. */
export function toast(text, bad = false) {
  const box = $("toast");
  box.textContent = text;
  box.classList.toggle("bad", bad);
  box.classList.add("on");
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => box.classList.remove("on"), bad ? 5000 : 2600);
}

/** A confirmation about the last buyer's answer must not hang over the next one's. */
export function untoast() { $("toast").classList.remove("on"); }

export const debounce = (fn, ms) => {
  let timer = 0;
  const later = (...args) => { clearTimeout(timer); timer = setTimeout(() => fn(...args), ms); };
  later.cancel = () => clearTimeout(timer);
  return later;
};

/** Is the key press meant for a control that takes characters itself? */
export const takesText = (node) =>
  Boolean(node?.closest?.("textarea, select, input:not([type=checkbox]):not([type=button]):not([type=file]), [contenteditable]"));
