// The one place that speaks HTTP. Every failure becomes an ApiError with a Chinese sentence a person can act on.

export class ApiError extends Error {
  constructor(status, { code = "", detail = "", title = "", remedy = "", errors = [] } = {}) {
    super(detail || title || "请求没有成功");
    Object.assign(this, { status, code, remedy, errors });
  }

  /** No answer at all, or a proxy answering for a dead server: worth a retry, unlike a refusal. */
  get unreachable() { return this.status === 0 || this.status === 502 || this.status === 503 || this.status === 504; }
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

export async function call(method, path, { query, body, form, timeout = 10000, keepalive = false } = {}) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), timeout);
  try {
    const reply = await fetch(address(path, query), {
      method, keepalive, signal: stop.signal, credentials: "same-origin", cache: "no-store",
      headers: body === undefined ? { Accept: "application/json" } : { Accept: "application/json", "Content-Type": "application/json" },
      body: form ?? (body === undefined ? undefined : JSON.stringify(body)),
    });
    if (!reply.ok) throw await problem(reply);
    return reply.status === 204 ? null : await reply.json();
  } catch (error) {
    if (error instanceof ApiError) throw error;
    const slow = error.name === "AbortError";
    throw new ApiError(0, { code: slow ? "timeout" : "offline", detail: slow ? "服务很久没有回应" : "服务连不上", remedy: "请稍后再试" });
  } finally {
    clearTimeout(timer);
  }
}

const entry = (id) => `/v1/entries/${encodeURIComponent(id)}`;

export const api = {
  login: (key) => call("POST", "/v1/session", { body: { key } }),
  session: () => call("GET", "/v1/session"),
  logout: () => call("DELETE", "/v1/session"),
  health: (timeout) => call("GET", "/healthz", { timeout }),
  suggest: (shop, body) => call("POST", "/v1/suggest", { query: { shop }, body, timeout: 8000 }),
  events: (shop, events, keepalive) => call("POST", "/v1/events", { query: { shop }, body: { events }, keepalive }),
  search: (shop, q, limit = 25) => call("GET", "/v1/search", { query: { shop, q, limit }, timeout: 5000 }),
  entries: (shop, filter) => call("GET", "/v1/entries", { query: { shop, ...filter } }),
  entry: (shop, id) => call("GET", entry(id), { query: { shop } }),
  createEntry: (shop, body) => call("POST", "/v1/entries", { query: { shop }, body }),
  saveEntry: (shop, id, body) => call("PUT", entry(id), { query: { shop }, body }),
  setStatus: (shop, id, status, version) => call("POST", `${entry(id)}/status`, { query: { shop }, body: { status, version } }),
  products: (shop, filter) => call("GET", "/v1/products", { query: { shop, ...filter } }),
  imports: (shop) => call("GET", "/v1/imports", { query: { shop } }),
  importFile: (shop, file, options) => {
    const form = new FormData();
    form.append("file", file, file.name);
    // Embedding a large sheet takes minutes on a small machine; giving up early would tempt people to send it twice.
    return call("POST", "/v1/imports", { query: { shop, ...options }, form, timeout: 600000 });
  },
};

/** What a person reads when something was refused: what, what to do, and which fields. */
export function explain(error) {
  const lines = (error.errors ?? []).map((one) => `${one.where}：${one.what}`);
  return { text: error.message, remedy: error.remedy ?? "", code: error.code ?? "", lines };
}
