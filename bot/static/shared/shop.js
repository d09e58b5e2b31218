// The shop bar: whose buyer is being answered must never be in doubt.
import { api } from "./api.js";
import { $, el } from "./dom.js";

const MEMORY = "huashu.shop";

function channel(value) {
  const c = value / 255;
  return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
}

/** Black or white, whichever reads better on the shop's colour (WCAG contrast). */
export function textOn(color) {
  const [r, g, b] = [1, 3, 5].map((i) => channel(parseInt(color.slice(i, i + 2), 16)));
  const light = 0.2126 * r + 0.7152 * g + 0.0722 * b;
  return 1.05 / (light + 0.05) >= (light + 0.05) / 0.0555 ? "#ffffff" : "#111418";
}

function paint(shop) {
  const color = /^#[0-9a-f]{6}$/i.test(shop.color) ? shop.color : "#4a5563";
  document.documentElement.style.setProperty("--shop", color);
  document.documentElement.style.setProperty("--on-shop", textOn(color));
  $("shop-name").textContent = shop.name;
  $("shop-name").title = shop.name;
  $("shop-platform").textContent = shop.platform;
  $("shop-platform").hidden = !shop.platform;
  document.title = `${shop.name} · 话术`;
}

function remember(shop) {
  try { localStorage.setItem(MEMORY, shop.slug); } catch { /* private window: the address still carries it */ }
  const url = new URL(location.href);
  url.searchParams.set("shop", shop.slug);
  history.replaceState(history.state, "", url);
}

function firstShop(shops) {
  const wanted = new URLSearchParams(location.search).get("shop");
  let last = null;
  try { last = localStorage.getItem(MEMORY); } catch { /* see above */ }
  return shops.find((shop) => shop.slug === wanted) ?? shops.find((shop) => shop.slug === last) ?? shops[0];
}

/** onSwitch(shop) is called for the first shop too; allow() may refuse a switch (unsaved work). The returned show(shop)
 *  only fills the bar: for whoever has switched already. */
export function mountShopBar(shops, { onSwitch, allow = async () => true }) {
  let current = null;
  const select = $("shop-switch");
  select.replaceChildren(...shops.map((shop, i) =>
    el("option", { value: shop.slug }, `${shop.name}（${shop.platform}）${i < 9 ? ` Alt+${i + 1}` : ""}`)));
  $("shop-switch-box").hidden = shops.length < 2;

  function show(shop) {
    current = shop;
    select.value = shop.slug;
    paint(shop);
    remember(shop);
  }

  async function go(shop) {
    if (!shop || shop === current) return;
    if (current && !(await allow())) { select.value = current.slug; return; }
    show(shop);
    onSwitch(shop);
  }

  select.addEventListener("change", () => go(shops.find((shop) => shop.slug === select.value)));
  document.addEventListener("keydown", (event) => {
    // Not the number pad: Alt with it types character codes on Windows.
    const digit = /^Digit([1-9])$/.exec(event.code)?.[1];
    if (!digit || !event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    go(shops[digit - 1]);
  });
  go(firstShop(shops));
  return { show };
}

/** Session or the login page; what both pages do first. */
export async function signedIn() {
  for (;;) {
    try {
      return await api.session();
    } catch (error) {
      if (error.status === 401) {
        location.replace(`/login#to=${encodeURIComponent(location.pathname + location.search)}`);
        return new Promise(() => {}); // the page is leaving: nothing after this may run
      }
      $("shop-name").textContent = "服务连不上，正在重试…";
      await new Promise((done) => setTimeout(done, 1500));
    }
  }
}

/** before: what is still to be told in this person's name; it has two seconds. */
export function mountLogout(before = async () => {}) {
  $("logout").addEventListener("click", async () => {
    await Promise.race([before(), new Promise((done) => setTimeout(done, 2000))]);
    try { await api.logout(); } catch { /* the login page is the right place either way */ }
    location.assign("/login");
  });
}
