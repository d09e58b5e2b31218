// Name and password, or a key → cookie. The demo link carries the key in the fragment, which browsers never send to a
// server or a log.
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

const HINTS = {
  name: "忘了密码，请管理员重设。",
  key: "密钥由管理员发放，只在本机换成登录状态，不会保存在页面里。",
  change: "改好以后，别处的登录会全部结束。",
};
const FIRST = { name: "login-name", key: "login-key", change: "login-name" };
let way = "name";

function say(text, bad) {
  $("login-say").textContent = text;
  $("login-say").className = `say notice ${bad ? "notice-bad" : ""}`;
}

/** Which of the three forms is shown; what the others hold stays. */
function show(chosen) {
  way = chosen;
  $("by-name").hidden = way === "key";
  $("by-key").hidden = way !== "key";
  $("new-password").hidden = way !== "change";
  $("login-go").textContent = way === "change" ? "修改密码并登录" : "登录";
  $("login-way").textContent = way === "key" ? "用名字和密码登录" : "用访问密钥登录";
  $("login-change").textContent = way === "change" ? "不改了，直接登录" : "修改密码";
  say(HINTS[way], false);
  $(FIRST[way]).focus();
}

/** What was typed, or a sentence about what is missing. */
function asked() {
  const name = $("login-name").value.trim(), password = $("login-password").value;
  const key = way === "key" ? $("login-key").value.trim() : name.startsWith("hs_") && !password ? name : "";
  if (key) return { body: { key } };
  if (way === "key") return { lacks: "请填写访问密钥。", at: "login-key" };
  if (!name) return { lacks: "请填写名字。", at: "login-name" };
  if (!password) return { lacks: way === "change" ? "请填写现在的密码。" : "请填写密码。", at: "login-password" };
  if (way === "change" && !$("login-new").value) return { lacks: "请填写新密码。", at: "login-new" };
  if (way === "change" && $("login-new").value !== $("login-again").value) return { lacks: "两遍新密码不一样。", at: "login-again" };
  return { body: { name, password }, next: way === "change" ? $("login-new").value : "" };
}

async function enter({ body, next }) {
  $("login-go").disabled = true;
  say("正在登录…", false);
  try {
    await api.login({ ...body, embedded });
    if (next) await api.changePassword(body.password, next);
    location.replace(goal);
  } catch (error) {
    const { whole, lines } = explain(error);
    const wrongKey = error.status === 401 && body.key;
    say(wrongKey ? "这个密钥不对或已失效，请找训练师或管理员重新领取。" : [whole, ...lines].join(" "), true);
    $("login-go").disabled = false;
    $(body.key ? "login-key" : next && error.status !== 401 ? "login-new" : "login-password").select();
  }
}

$("login-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const given = asked();
  if (given.body) { enter(given); return; }
  say(given.lacks, true);
  $(given.at).focus();
});
$("login-way").addEventListener("click", () => show(way === "key" ? "name" : "key"));
$("login-change").addEventListener("click", () => show(way === "change" ? "name" : "change"));

// Until here a click would have been lost, and Enter would have sent the form as browsers do.
for (const id of ["login-go", "login-way", "login-change"]) $(id).disabled = false;
say(HINTS[way], false);

if (linkKey) { show("key"); enter({ body: { key: linkKey.trim() } }); }
else if (ticket) enter({ body: { ticket } });
