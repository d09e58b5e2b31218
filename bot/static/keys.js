// The keyboard of the agent's page. Plain digits work whenever no text box has the focus; with Ctrl they work anywhere.
// Alt + digit belongs to the shop bar (shop.js): one chord may not both copy an answer and change the shop.
import { takesText } from "./dom.js";

const TWICE = 600; // ms between two Esc that together mean "next buyer"

export function mountKeys({ use, state, rejectAll, newTalk, toMessage, toSearch, toDraft }) {
  let lastEsc = -Infinity;
  const choose = (digit) => (digit > 3 ? state(digit) : use(digit)); // 4–6 are product facts
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.altKey) return;
    const digit = /^(?:Digit|Numpad)([0-6])$/.exec(event.code)?.[1];
    const chord = event.ctrlKey || event.metaKey;
    if (chord) {
      // Ctrl+0 stays the browser's zoom reset.
      if (digit > 0 && !event.shiftKey) { event.preventDefault(); choose(Number(digit)); }
      return;
    }
    if (event.key === "Escape") {
      if (event.timeStamp - lastEsc < TWICE) { lastEsc = -Infinity; newTalk(); } else { lastEsc = event.timeStamp; toMessage(); }
      return;
    }
    if (takesText(event.target) || event.shiftKey) return;
    if (digit === "0") { event.preventDefault(); rejectAll(); }
    else if (digit) { event.preventDefault(); choose(Number(digit)); }
    else if (event.code === "KeyR") { event.preventDefault(); toDraft(); }
    else if (event.key === "/" || event.code === "Slash") { event.preventDefault(); toSearch(); }
  });
}
