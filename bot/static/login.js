// Key → cookie. The demo link carries the key in the fragment, which browsers never send to a server or a log.
import { api, explain } from "./api.js";
import { $ } from "./dom.js";

const fragment = new URLSearchParams(location.hash.slice(1));
// Only our own two pages: a free `to` would make the login page a springboard to somebody else's site.
const goal = /^\/(trainer)?(\?[^#\\]*)?$/.test(fragment.get("to") ?? "") ? fragment.get("to") : "/";
const linkKey = fragment.get("key"), ticket = fragment.get("ticket");
// In a frame of another site our usual cookie would not come back: the server is told, and gives one that does.
const embedded = window.parent !== window;
// Gone from the address bar and the history before anything else can go wrong.
if (location.hash) history.replaceState(null, "", location.pathname);

function say(text, bad) {
  $("login-say").textContent = text;
  $("login-say").className = `say notice ${bad ? "notice-bad" : ""}`;
}

async function enter(credential) {
  $("login-go").disabled = true;
  say("正在登录…", false);
  try {
    await api.login({ ...credential, embedded });
    location.replace(goal);
  } catch (error) {
    const { whole } = explain(error);
    say(error.status === 401 && credential.key ? "这个密钥不对或已失效，请找训练师或管理员重新领取。" : whole, true);
    $("login-go").disabled = false;
    $("login-key").select();
  }
}

$("login-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const key = $("login-key").value.trim();
  if (key) enter({ key });
});

if (linkKey) enter({ key: linkKey.trim() });
else if (ticket) enter({ ticket });
