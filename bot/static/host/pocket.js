// What the bookmarklet picked up, on its way to the sidebar: to one that is open if there is any, else to a new one.
// Everything here stays within our own origin; the page it was picked up on never gets hold of this window.

const CHANNEL = "huashu.pocket";
const KEPT = "huashu.pocket";
const LONGEST = 2000;
const PATIENCE = 300; // ms for open sidebars to say that they are there

const short = (text) => (typeof text === "string" ? text.trim().slice(0, LONGEST) : "");

/** The sidebar's side: fn(text) is called with what was picked up. Of several sidebars the one last used gets it. */
export function openPocket(fn) {
  let used = Date.now();
  const take = (text) => { if (short(text)) fn(short(text)); };
  addEventListener("focus", () => { used = Date.now(); });
  if (window.parent === window && "BroadcastChannel" in window) {
    const me = Math.random().toString(36).slice(2), channel = new BroadcastChannel(CHANNEL);
    channel.onmessage = ({ data }) => {
      if (data?.ask) channel.postMessage({ here: me, used, to: data.ask });
      if (data?.give === me) { channel.postMessage({ taken: data.id }); take(data.text); }
    };
  }
  try {
    take(sessionStorage.getItem(KEPT));
    sessionStorage.removeItem(KEPT);
  } catch { /* storage is switched off: then only an open sidebar can be given to */ }
}

/** The pocket page's side: true when an open sidebar has taken the text. */
export function giveToOpen(text) {
  if (!("BroadcastChannel" in window)) return Promise.resolve(false);
  const id = Math.random().toString(36).slice(2), channel = new BroadcastChannel(CHANNEL), there = [];
  return new Promise((done) => {
    channel.onmessage = ({ data }) => {
      if (data?.to === id && data.here) there.push(data);
      if (data?.taken === id) done(true);
    };
    channel.postMessage({ ask: id });
    setTimeout(() => {
      const last = there.sort((a, b) => b.used - a.used)[0];
      if (last) channel.postMessage({ give: last.here, id, text: short(text) });
    }, PATIENCE / 2);
    setTimeout(() => done(false), PATIENCE);
  }).finally(() => channel.close());
}

/** Leave the text for the sidebar that this window is about to become; over the login page if need be. */
export function keep(text) {
  try { sessionStorage.setItem(KEPT, short(text)); } catch { /* the sidebar then opens empty */ }
}
