// How a text leaves the page: into the chat's own box where a host embeds us and takes it, else by the clipboard.
import { copy } from "./clipboard.js";
import { toast } from "../shared/dom.js";
import { host } from "../host/host.js";

/** What was done, as the agent is told ("已填入", "已复制"); "" when neither worked, which has been said. */
export async function deliver(text, talk) {
  if (await host.insert(text, { conversation: talk.id, shop: talk.shop.slug })) return "已填入";
  if (await copy(text)) return "已复制";
  toast("复制失败：浏览器不允许，请用鼠标选中后复制", true);
  return "";
}
