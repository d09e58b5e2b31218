// Whether a card was really looked at: half of it in sight, on a page in sight, for a whole second without a break.

const LONG = 1000;

/** onSeen(node) once for each child of the list; cards that are drawn anew begin anew. */
export function watchSeen(list, onSeen) {
  const inSight = new Set(), clocks = new Map();

  function stop(node) {
    clearTimeout(clocks.get(node));
    clocks.delete(node);
  }

  function look(node) {
    if (document.hidden || !inSight.has(node)) { stop(node); return; }
    if (clocks.has(node)) return;
    clocks.set(node, setTimeout(() => {
      observer.unobserve(node);
      inSight.delete(node);
      stop(node);
      if (node.isConnected) onSeen(node);
    }, LONG));
  }

  const observer = new IntersectionObserver((changes) => {
    for (const { target, isIntersecting, intersectionRatio, intersectionRect, rootBounds } of changes) {
      // A card taller than the window is never half in sight; then it must fill half the window.
      const enough = isIntersecting && (intersectionRatio >= 0.5 || intersectionRect.height >= (rootBounds?.height ?? innerHeight) / 2);
      if (enough) inSight.add(target); else inSight.delete(target);
      look(target);
    }
  }, { threshold: [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.75, 1] });

  new MutationObserver((changes) => {
    for (const { addedNodes, removedNodes } of changes) {
      for (const node of removedNodes) if (node.nodeType === 1) { observer.unobserve(node); inSight.delete(node); stop(node); }
      for (const node of addedNodes) if (node.nodeType === 1) observer.observe(node);
    }
  }).observe(list, { childList: true });
  for (const node of list.children) observer.observe(node);
  document.addEventListener("visibilitychange", () => [...inSight].forEach(look));
}
