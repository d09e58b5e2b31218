// The link to drag. It reads the selection of the page it is clicked on, nothing else, writes nothing there, and opens our
// own window with it: no script is loaded into that page, so its content policy has nothing to refuse.
import { $ } from "../shared/dom.js";

// Kept as text: a bookmark is one line. Down into the frame that has the focus, because web back-ends nest their chats.
const CODE = `(()=>{let w=window;try{while(w.document.activeElement?.contentDocument)w=w.document.activeElement.contentWindow}catch{}` +
  `window.open(ADDRESS+encodeURIComponent(String(w.getSelection()).trim().slice(0,2000)),'_blank','popup,noopener,noreferrer,width=400,height=760')})()`;

const link = $("bookmarklet");
link.href = `javascript:${CODE.replace("ADDRESS", JSON.stringify(`${location.origin}/pocket#text=`))}`;
link.addEventListener("click", (event) => {
  event.preventDefault();
  $("bookmarklet-say").textContent = "不用点这里：请把它拖到浏览器的书签栏上。";
});
