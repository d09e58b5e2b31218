// Times, percentages and Chinese names of the codes the API speaks.

export const BANDS = { direct: "可直接用", reference: "仅供参考", unsure: "没有把握" };
export const KINDS = { faq: "问答", script: "快捷短语", process: "流程", notice: "公告", case: "案例" };
export const STATUS = {
  published: { text: "已发布", mark: "●", chip: "chip-ok" },
  draft: { text: "草稿", mark: "○", chip: "chip-warn" },
  retired: { text: "已下架", mark: "✕", chip: "" },
};
export const CHANGES = {
  added: { text: "新增", chip: "chip-ok" }, changed: { text: "更新", chip: "chip-warn" }, unchanged: { text: "未变", chip: "" },
};

/** Never 0 % or 100 %: a model is not certain, and "0 %" beside an offered answer reads like a fault. */
export const percent = (p) => (p < 0.01 ? "<1%" : `${Math.min(99, Math.round(p * 100))}%`);

const bare = (text) => text.toLowerCase().replace(/[\s\p{P}\p{S}]/gu, "");

/** The merchant's own number of an entry; "" where the server made one up from the question or the text. */
export const ownKey = ({ key, id, question, shortcut }) =>
  (!key || key === id || key === shortcut || key.startsWith("h:") || bare(key) === bare(question ?? "") ? "" : key);

const two = (n) => String(n).padStart(2, "0");

export function stamp(seconds) {
  if (!seconds) return "—";
  const t = new Date(seconds * 1000);
  return `${t.getFullYear()}-${two(t.getMonth() + 1)}-${two(t.getDate())} ${two(t.getHours())}:${two(t.getMinutes())}`;
}

/** Today only the hour matters, this year the year does not: fewer characters to read past in a column. */
export function ago(seconds) {
  if (!seconds) return "—";
  const full = stamp(seconds), today = stamp(Date.now() / 1000);
  if (full.slice(0, 10) === today.slice(0, 10)) return full.slice(11);
  return full.slice(0, 4) === today.slice(0, 4) ? full.slice(5) : full.slice(0, 10);
}

// datetime-local knows no zone: it is the trainer's wall clock, as in the merchant's own notices.
export function toLocalInput(seconds) {
  if (!seconds) return "";
  return `${stamp(seconds).replace(" ", "T")}:${two(new Date(seconds * 1000).getSeconds())}`;
}
export function fromLocalInput(value) {
  const ms = value ? new Date(value).getTime() : NaN;
  return Number.isNaN(ms) ? null : Math.floor(ms / 1000);
}

export const factText = (fact) => `${fact.value}${fact.unit ? (/^[a-z]/i.test(fact.unit) ? " " : "") + fact.unit : ""}`;

/** Price is what a buyer asks first and what must never be wrong, so it leads. */
export function priceFirst(facts) {
  const isPrice = (fact) => /价/.test(fact.name) ? 0 : 1;
  return [...facts].sort((a, b) => isPrice(a) - isPrice(b));
}
