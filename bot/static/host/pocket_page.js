// The little window that the bookmarklet opens. The text comes in the fragment, which no server and no log ever sees.
import { giveToOpen, keep } from "./pocket.js";

const text = new URLSearchParams(location.hash.slice(1)).get("text") ?? "";
history.replaceState(null, "", location.pathname); // gone from the address bar and the history first

if (text.trim() && await giveToOpen(text)) {
  document.getElementById("pocket-say").textContent = "已放进侧边栏的输入框";
  window.close();
} else {
  keep(text);
  location.replace("/");
}
