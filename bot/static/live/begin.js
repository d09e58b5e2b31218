// Until the agent touches the page it goes where the work is: the most urgent buyer comes on screen, so that every key of the
// footer does at once what it says. Afterwards nothing opens by itself.
import { desk } from "../agent/desk.js";
import { $ } from "../shared/dom.js";
import { host } from "../host/host.js";
import { board, others } from "./board.js";

const TOUCHES = ["keydown", "pointerdown", "paste"];

export function mountBegin(open) {
  if (host.kind !== "standalone") return; // the host says whose chat is open
  let touched = false;
  for (const type of TOUCHES) addEventListener(type, () => { touched = true; }, { capture: true, once: true });
  board.onChange(() => {
    const first = touched || desk.talk.live || $("message").value ? null : board.waiting().find((one) => !others(one));
    if (!first) return;
    touched = true;
    open(first);
  });
}
