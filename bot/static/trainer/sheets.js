// The kinds of sheets and what is downloaded of each.
import { explain } from "../shared/api.js";
import { el, toast } from "../shared/dom.js";

export const SHEETS = {
  product: "商品表", faq: "问答表", phrase: "快捷短语", notice: "活动通知", handover: "店铺交接表", order: "订单表", offer: "加购规则", chat: "聊天记录",
};
export const kindName = (kind) => SHEETS[kind] ?? { learn: "反馈学习" }[kind] ?? kind;

function save({ name, blob }) {
  const link = el("a", { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}

/** A button that fetches a file and saves it; `fetchFile` gives {name, blob}. */
export function downloadButton(label, fetchFile, { look = "btn btn-small", title = null } = {}) {
  const button = el("button", { class: look, type: "button", title }, label);
  button.addEventListener("click", async () => {
    button.setAttribute("aria-busy", "true");
    button.disabled = true;
    try {
      const file = await fetchFile();
      save(file);
      toast(`已下载《${file.name}》`);
    } catch (error) {
      toast(explain(error).whole, true);
    }
    button.disabled = false;
    button.removeAttribute("aria-busy");
    button.focus();
  });
  return button;
}
