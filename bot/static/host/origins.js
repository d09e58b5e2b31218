// Who may talk to this page: its own origin, and those that the server lists (HUASHU_ORIGINS) in the page's head.

const listed = document.querySelector('meta[name="huashu-origins"]')?.content.split(/\s+/).filter(Boolean) ?? [];

export const origins = new Set([location.origin, ...listed]);

/** Where a message to the outer page may go: its origin if it is one of ours, else to each of ours; never to "*". */
export function targets() {
  const outer = location.ancestorOrigins?.[0]; // not in every browser
  if (outer) return origins.has(outer) ? [outer] : [];
  return [...origins];
}

/** Post to the outer page. A browser drops what is addressed to another origin than the one that is there. */
export function tell(message) {
  for (const target of targets()) window.parent.postMessage(message, target);
}

/** Hear the outer page, and nobody else: a listed origin in some other window is not the host of this one. */
export function hear(fn) {
  addEventListener("message", (event) => {
    if (event.source === window.parent && window.parent !== window && origins.has(event.origin)) fn(event.data);
  });
}
