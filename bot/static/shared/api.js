// The one place that speaks HTTP. Every failure becomes an ApiError with a Chinese sentence a person can act on.

export class ApiError extends Error {
  constructor(status, { code = "", detail = "", title = "", remedy = "", errors = [] } = {}) {
    super(detail || title || "请求没有成功");
    Object.assign(this, { status, code, remedy, errors });
  }

  /** No answer at all, or a proxy answering for a dead server. Our own 503 carries a code: somebody is there, only busy. */
  get unreachable() { return this.status === 0 || [502, 504].includes(this.status) || (this.status === 503 && !this.code); }
}

function address(path, query) {
  const kept = Object.entries(query ?? {}).filter(([, value]) => value !== "" && value !== null && value !== undefined);
  return kept.length ? `${path}?${new URLSearchParams(kept)}` : path;
}

async function problem(reply) {
  let body = {};
  try { body = await reply.json(); } catch { /* a proxy's HTML page: the status is all we know */ }
  return new ApiError(reply.status, body && typeof body === "object" ? body : {});
}

async function request(method, path, read, { query, body, form, timeout = 10000, keepalive = false } = {}) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), timeout);
  try {
    const reply = await fetch(address(path, query), {
      method, keepalive, signal: stop.signal, credentials: "same-origin", cache: "no-store",
      headers: body === undefined ? { Accept: "application/json" } : { Accept: "application/json", "Content-Type": "application/json" },
      body: form ?? (body === undefined ? undefined : JSON.stringify(body)),
    });
    if (!reply.ok) throw await problem(reply);
    return await read(reply);
  } catch (error) {
    if (error instanceof ApiError) throw error;
    const slow = error.name === "AbortError";
    throw new ApiError(0, { code: slow ? "timeout" : "offline", detail: slow ? "服务很久没有回应" : "服务连不上", remedy: "请稍后再试" });
  } finally {
    clearTimeout(timer);
  }
}

export const call = (method, path, options) => request(method, path, (reply) => (reply.status === 204 ? null : reply.json()), options);

/** The name a server gives a download; it stands percent-encoded, since headers speak no Chinese. */
function nameIn(reply) {
  const found = /filename\*=UTF-8''([^;]+)/i.exec(reply.headers.get("Content-Disposition") ?? "");
  try { return decodeURIComponent(found[1]); } catch { return "huashu.xlsx"; }
}

/** A file instead of JSON: {name, blob}. Fetched rather than linked, so that a refusal is told and not saved. */
const download = (method, path, options) =>
  request(method, path, async (reply) => ({ name: nameIn(reply), blob: await reply.blob() }), { timeout: 120000, ...options });

/** A sheet and, where a person has corrected it, what its columns mean. */
function upload(file, mapping) {
  const form = new FormData();
  form.append("file", file, file.name);
  if (mapping) form.append("mapping", mapping);
  return form;
}

const entry = (id) => `/v1/entries/${encodeURIComponent(id)}`;
const talk = (id, act = "") => `/v1/conversations/${encodeURIComponent(id)}${act}`;
const job = (id) => `/v1/imports/jobs/${encodeURIComponent(id)}`;

export const api = {
  login: (credential) => call("POST", "/v1/session", { body: credential }), // a key, a ticket, or a name and a password
  changePassword: (old, next) => call("POST", "/v1/session/password", { body: { old, new: next } }),
  hooks: () => call("GET", "/v1/hooks"),
  session: () => call("GET", "/v1/session"),
  logout: () => call("DELETE", "/v1/session"),
  health: (timeout) => call("GET", "/healthz", { timeout }),
  suggest: (shop, body) => call("POST", "/v1/suggest", { query: { shop }, body, timeout: 8000 }),
  check: (shop, body, timeout) => call("POST", "/v1/check", { query: { shop }, body, timeout }),
  events: (shop, body, keepalive) => call("POST", "/v1/events", { query: { shop }, body, keepalive }),
  search: (shop, q, limit = 25) => call("GET", "/v1/search", { query: { shop, q, limit }, timeout: 5000 }),
  entries: (shop, filter) => call("GET", "/v1/entries", { query: { shop, ...filter } }),
  entry: (shop, id) => call("GET", entry(id), { query: { shop } }),
  createEntry: (shop, body) => call("POST", "/v1/entries", { query: { shop }, body }),
  saveEntry: (shop, id, body) => call("PUT", entry(id), { query: { shop }, body }),
  setStatus: (shop, id, status, version) => call("POST", `${entry(id)}/status`, { query: { shop }, body: { status, version } }),
  products: (shop, filter) => call("GET", "/v1/products", { query: { shop, ...filter } }),
  proposals: (shop) => call("GET", "/v1/proposals", { query: { shop }, timeout: 60000 }), // asks every gold message twice
  decide: (shop, act, ids) => call("POST", `/v1/proposals/${act}`, { query: { shop }, body: { ids }, timeout: 60000 }),
  imports: (shop) => call("GET", "/v1/imports", { query: { shop } }),
  undo: (shop, id) => call("POST", `/v1/imports/${encodeURIComponent(id)}/undo`, { query: { shop }, timeout: 120000 }),
  // Reading alone may take the sandbox a minute and a half; giving up early would tempt people to send the file twice.
  preview: (shop, file, options, mapping) => call("POST", "/v1/imports", { query: { shop, mode: "preview", ...options }, form: upload(file, mapping), timeout: 300000 }),
  marked: (shop, file, options, mapping) => download("POST", "/v1/imports/marked", { query: { shop, ...options }, form: upload(file, mapping), timeout: 300000 }),
  startJob: (shop, file, options, mapping) => call("POST", "/v1/imports/jobs", { query: { shop, mode: "commit", ...options }, form: upload(file, mapping), timeout: 120000 }),
  jobs: (shop) => call("GET", "/v1/imports/jobs", { query: { shop } }),
  job: (shop, id) => call("GET", job(id), { query: { shop } }),
  cancelJob: (shop, id) => call("DELETE", job(id), { query: { shop } }),
  template: (shop, kind) => download("GET", `/v1/templates/${kind}`, { query: { shop } }),
  export: (shop, kind) => download("GET", `/v1/export/${kind}`, { query: { shop } }),
  profile: (shop) => call("GET", "/v1/profile", { query: { shop } }),
  conversations: () => call("GET", "/v1/conversations", { query: { state: "open" } }), // of all the caller's shops
  conversation: (shop, id) => call("GET", talk(id), { query: { shop } }),
  say: (shop, id, message) => call("POST", talk(id, "/messages"), { query: { shop }, body: message }),
  claim: (shop, id) => call("POST", talk(id, "/claim"), { query: { shop }, body: {} }),
  close: (shop, id) => call("POST", talk(id, "/close"), { query: { shop }, body: {} }),
  keyFacts: (shop, id, facts) => call("PUT", talk(id, "/key-facts"), { query: { shop }, body: facts }),
  askHelp: (shop, id, help) => call("POST", talk(id, "/help"), { query: { shop }, body: help }),
  helps: () => call("GET", "/v1/help", { query: { state: "open" } }),
  answerHelp: (shop, id, text) => call("POST", `/v1/help/${encodeURIComponent(id)}/answer`, { query: { shop }, body: { text } }),
};

const FIELDS = {
  question: "标准问题", scene: "场景", category: "分类", shortcut: "快捷码", kind: "种类", status: "状态", key: "密钥",
  valid_from: "生效时间", valid_to: "失效时间", platforms: "适用平台", products: "适用商品", order_states: "适用订单状态", text: "内容", q: "查找的内容",
  topic: "问题类型", product: "商品", order: "订单号", wish: "诉求", mood: "情绪", promises: "承诺", next_step: "下一步", note: "说明",
};
const LISTS = { phrasings: "句问法", answers: "条话术", events: "条操作记录", turns: "句对话" };

/** "body.answers.0.text" → "第 1 条话术的内容": a trainer knows the form, not our field names. */
function place(where) {
  const [first, ...rest] = where.split(".").filter((part) => !["body", "query", "path"].includes(part));
  if (LISTS[first] && /^\d+$/.test(rest[0] ?? "")) return [`第 ${Number(rest[0]) + 1} ${LISTS[first]}`, FIELDS[rest[1]]].filter(Boolean).join("的");
  return FIELDS[first] ?? (LISTS[first] ? `“${LISTS[first].slice(1)}”的项数` : where);
}

/** What a person reads when something was refused: what, what to do, and which fields. */
export function explain(error) {
  const lines = (error.errors ?? []).map((one) => `${place(one.where)}：${one.what}`);
  const text = lines.length ? "有内容不符合要求" : error.message, remedy = error.remedy ?? "";
  const whole = remedy ? `${text.replace(/[。.]$/, "")}，${remedy}` : text; // the server's sentences end with a full stop
  return { text, whole, code: error.code ?? "", lines };
}
