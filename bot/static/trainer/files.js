// Several files dropped at once: a list that says how far each is. One is looked at at a time.
import { $, el } from "../shared/dom.js";

const STATES = {
  waiting: ["·", "等着", ""], reading: ["…", "正在读取", ""], preview: ["▸", "请看预览", "chip-warn"], importing: ["…", "正在导入", ""],
  done: ["✓", "已导入", "chip-ok"], skipped: ["−", "没有导入", ""], cancelled: ["−", "已取消", ""], failed: ["✕", "没有导入", "chip-bad"],
};

export function newQueue() {
  let turns = [];

  function draw() {
    const many = turns.length > 1, done = turns.filter((turn) => STATES[turn.state][2] === "chip-ok").length;
    $("files").hidden = !many;
    if (!many) return;
    $("files-title").textContent = `${turns.length} 个文件，依次处理，已导入 ${done} 个`;
    $("file-list").replaceChildren(...turns.map((turn) => {
      const [mark, text, look] = STATES[turn.state];
      return el("li", { data: { state: turn.state }, "aria-current": ["reading", "preview", "importing"].includes(turn.state) ? "step" : null },
        el("span", { class: `chip ${look}` }, el("span", { "aria-hidden": "true" }, mark), text), el("span", { class: "file-name" }, turn.file.name),
        turn.note ? el("span", { class: "small muted" }, turn.note) : null);
    }));
  }

  return {
    /** New files join those that still wait; a queue that is through makes room. */
    add(files) {
      if (turns.every((turn) => !["waiting", "reading", "preview", "importing"].includes(turn.state))) turns = [];
      turns.push(...[...files].map((file) => ({ file, state: "waiting", note: "" })));
      draw();
    },
    mark(turn, state, note = "") { Object.assign(turn, { state, note }); draw(); },
    next: () => turns.find((turn) => turn.state === "waiting") ?? null,
    get more() { return turns.some((turn) => turn.state === "waiting"); },
    get many() { return turns.length > 1; },
    clear() { turns = []; draw(); },
  };
}
