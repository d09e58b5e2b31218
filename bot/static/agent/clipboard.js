// Copying must work in an iframe without clipboard permission and on plain http, where the modern API is missing.

function oldWay(text) {
  const before = document.activeElement;
  const box = document.createElement("textarea");
  box.value = text;
  box.className = "sr-only";
  box.setAttribute("aria-hidden", "true");
  document.body.append(box);
  box.select();
  let done = false;
  try { done = document.execCommand("copy"); } catch { done = false; }
  box.remove();
  before?.focus?.({ preventScroll: true });
  return done;
}

export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return oldWay(text);
  }
}
