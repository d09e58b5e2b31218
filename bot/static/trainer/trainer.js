// The trainer's page: assembles tabs, lists and editor around one current shop.
import { $ } from "../shared/dom.js";
import { mountEditor } from "./editor.js";
import { mountEntries } from "./entries.js";
import { mountHistory } from "./history.js";
import { mountImport } from "./import.js";
import { mountLessons } from "./lessons.js";
import { mountProducts } from "./products.js";
import { mountProfile } from "./profile.js";
import { mountLogout, mountShopBar, signedIn } from "../shared/shop.js";

const TABS = ["entries", "lessons", "import", "products", "history"];
let shop = null;
let open = "entries";

function mountTabs(panels, allow) {
  const show = (name) => {
    open = name;
    for (const other of TABS) {
      $(`tab-${other}`).setAttribute("aria-selected", String(other === name));
      $(`tab-${other}`).tabIndex = other === name ? 0 : -1;
      $(`panel-${other}`).hidden = other !== name;
    }
    panels[name].load?.();
  };
  const go = async (name, focus) => {
    if (name === open || (open === "entries" && !(await allow()))) return;
    show(name);
    if (focus) $(`tab-${name}`).focus();
  };
  TABS.forEach((name, i) => {
    $(`tab-${name}`).addEventListener("click", () => go(name));
    $(`tab-${name}`).addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (step) { event.preventDefault(); go(TABS[(i + step + TABS.length) % TABS.length], true); }
    });
  });
  return { go, reload: () => panels[open].load?.() };
}

async function start() {
  const session = await signedIn();
  mountLogout();
  if (session.role !== "trainer") {
    $("shop-name").textContent = "训练台";
    TABS.forEach((name) => { $(`panel-${name}`).hidden = true; $(`tab-${name}`).disabled = true; });
    $("denied").hidden = false;
    return;
  }
  const current = () => shop;
  const editor = mountEditor({ shop: current, onSaved: (entry) => entries.saved(entry), onClose: () => entries.select(null) });
  const entries = mountEntries({ shop: current, editor });
  const products = mountProducts({ shop: current }), profile = mountProfile({ shop: current });
  const tabs = mountTabs({
    entries, import: mountImport({ shop: current, show: (name) => tabs.go(name, true) }), lessons: mountLessons({ shop: current }),
    products: { load: () => { profile.load(); products.load(); } }, history: mountHistory({ shop: current }),
  }, editor.mayLeave);
  mountShopBar(session.shops, {
    allow: editor.mayLeave,
    onSwitch: (next) => {
      shop = next;
      document.dispatchEvent(new CustomEvent("huashu:shop")); // every list forgets the other shop's rows
      tabs.reload();
    },
  });
}

start();
