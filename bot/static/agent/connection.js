// Is the service there, and with which brain? Said in the strip, whose height never changes.
import { api } from "../shared/api.js";
import { $, shape } from "../shared/dom.js";

const EVERY = 1200; // with an immediate failure on a dead port this shows the banner well inside two seconds
const PATIENCE = 1800; // how long a question may stay unanswered before we say so

const OFFLINE = "服务连不上，已有内容仍可用，操作会在恢复后补记";
const LATE = "服务很久没有回应，还在等；已有内容仍可用";
const LEXICAL = "语义模型暂不可用，目前只按字面匹配，请多看一眼再发";

const state = { up: null, late: 0, mode: "hybrid", expired: false }; // late: questions out for longer than PATIENCE
const listeners = [];

function banner(id, icon, text) {
  const box = $(id);
  const hide = !text;
  if (box.hidden === hide && box.dataset.text === text) return;
  box.dataset.text = text;
  box.title = text;
  // Refilled on every change, because a live region announces changes, not visibility.
  box.replaceChildren(...(hide ? [] : [shape(icon), text]));
  box.hidden = hide;
}

function paint() {
  const down = state.up === false || state.late > 0;
  banner("banner-offline", "unsure", state.up === false ? OFFLINE : down ? LATE : state.expired ? "登录已过期，请点右上角“退出”后重新登录" : "");
  banner("banner-lexical", "reference", !down && !state.expired && state.mode === "lexical" ? LEXICAL : "");
  document.body.classList.toggle("is-down", state.up === false); // what clocks say is then a guess: who replied is not told
  $("strip-ok").hidden = !$("banner-offline").hidden || !$("banner-lexical").hidden;
  $("strip-state").textContent = state.up === null ? "正在连接…" : "已连接 · 语义 + 字面匹配";
}

function set(up) {
  const back = up && state.up === false;
  state.up = up;
  paint();
  if (back) listeners.forEach((fn) => fn());
}

async function look() {
  try {
    const health = await api.health(PATIENCE);
    if (health?.mode) state.mode = health.mode;
    set(true);
  } catch (error) {
    // Any other answer, even a refusal, proves that somebody is there.
    set(!error.unreachable);
  }
}

export const connection = {
  start() {
    paint();
    look();
    // A hidden tab answers nobody; it looks again the moment it is seen.
    setInterval(() => { if (!document.hidden) look(); }, EVERY);
    document.addEventListener("visibilitychange", () => { if (!document.hidden) look(); });
    addEventListener("offline", look);
    addEventListener("online", look);
  },
  onBack(fn) { listeners.push(fn); },
  look,
  get down() { return state.up === false; },

  /** Every caller reports its failures, so the banner does not wait for the next look. */
  failed(error) {
    if (error.status === 401) { state.expired = true; paint(); } else if (error.unreachable) set(false);
  },

  /** Wraps a request: slow is said after PATIENCE, until it is answered or given up — a healthy /healthz is no answer. */
  async during(promise) {
    let late = 0;
    const timer = setTimeout(() => { late = 1; state.late += 1; paint(); }, PATIENCE);
    try {
      const reply = await promise;
      state.expired = false;
      set(true);
      return reply;
    } catch (error) {
      this.failed(error);
      throw error;
    } finally {
      clearTimeout(timer);
      state.late -= late;
      paint();
    }
  },

  mode(mode) { if (mode) { state.mode = mode; paint(); } },
};
