// Server-sent events of all the agent's shops, read by fetch: EventSource cannot be told where to go on, and hides why
// it was refused. A stream that breaks goes on where it stopped; one that is silent for too long is taken for broken.
const WAITS = [300, 1000, 2000, 4000, 8000, 15000]; // ms between attempts, each longer than the last
const SILENCE = 25000; // ms; the service sends a comment every 10 s

/** Takes text as it comes, in pieces of any size, and calls back with each whole event {id, type, data}. */
export function parser(onEvent) {
  let rest = "";
  return (piece) => {
    rest += piece;
    const blocks = rest.split(/\r?\n\r?\n/);
    rest = blocks.pop();
    for (const block of blocks) {
      const event = { id: "", type: "message", data: [] };
      for (const line of block.split(/\r?\n/)) {
        const [, name, value] = /^([^:]*):? ?(.*)$/.exec(line);
        if (name === "data") event.data.push(value);
        else if (name === "event") event.type = value;
        else if (name === "id") event.id = value;
      }
      if (event.data.length || event.id) onEvent({ ...event, data: event.data.join("\n") });
    }
  };
}

/** handlers: by event type, called with its data. onOpen: each time the line stands again. onLost(error): each time it breaks. */
export function openStream({ handlers, onOpen, onLost }) {
  let last = "", tries = 0, timer = 0, stop = null, watch = 0;

  function take({ id, type, data }) {
    if (id) last = id;
    tries = 0; // only now: a proxy may open a line that leads nowhere
    let body = null;
    try { body = JSON.parse(data || "{}"); } catch { return; } // half an event of a broken line
    handlers[type]?.(body);
  }

  const alive = () => { clearTimeout(watch); watch = setTimeout(() => stop?.abort(), SILENCE); };

  async function run() {
    stop = new AbortController();
    alive();
    try {
      const headers = { Accept: "text/event-stream", ...(last ? { "Last-Event-ID": last } : {}) };
      const reply = await fetch("/v1/stream", { headers, signal: stop.signal, credentials: "same-origin", cache: "no-store" });
      if (!reply.ok) throw Object.assign(new Error("refused"), { status: reply.status });
      const feed = parser(take), reader = reply.body.pipeThrough(new TextDecoderStream()).getReader();
      onOpen();
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        alive();
        feed(value);
      }
      again(null);
    } catch (error) {
      again(error);
    }
  }

  function again(error) {
    clearTimeout(watch);
    stop = null;
    onLost(error);
    if ([401, 403, 404].includes(error?.status)) return; // a service without live chats, or a login that has ended
    // A little different for everybody: five hundred pages must not come back in the same instant.
    timer = setTimeout(run, WAITS[Math.min(tries, WAITS.length - 1)] * (0.75 + Math.random() / 2));
    tries += 1;
  }

  run();
  return {
    /** The service is known to be there again: no reason to wait any longer. */
    now() { if (!stop) { clearTimeout(timer); tries = 0; run(); } },
  };
}
