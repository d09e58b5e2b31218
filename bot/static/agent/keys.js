// The keyboard of the agent's page. Plain digits work whenever no text box has the focus; with Ctrl they work anywhere.
// Alt + digit belongs to the shop bar (shop.js): one chord may not both copy an answer and change the shop.
import { takesText } from "../shared/dom.js";

const TWICE = 600; // ms between two Esc that together mean "next buyer"

/** digit(n) takes 0–8; letters: {KeyE: fn, …}, each for a key without Ctrl and Shift outside text boxes. */
export function mountKeys({ digit: choose, letters, newTalk, toMessage, toSearch }) {
  let lastEsc = -Infinity;
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.altKey) return;
    const digit = /^(?:Digit|Numpad)([0-8])$/.exec(event.code)?.[1];
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
    if (digit) { event.preventDefault(); choose(Number(digit)); }
    else if (letters[event.code]) { event.preventDefault(); letters[event.code](); }
    else if (event.key === "/" || event.code === "Slash") { event.preventDefault(); toSearch(); }
  });
}
