// What was found by typed search: a script is copied, a product is looked at.
import { api, explain } from "../shared/api.js";
import { mayCopy, unless } from "./allow.js";
import { spoke } from "./choose.js";
import { connection } from "./connection.js";
import { deliver } from "./deliver.js";
import { desk } from "./desk.js";
import { $, toast } from "../shared/dom.js";
import { drawProducts } from "./draw.js";
import { noteFor } from "./notes.js";

/** A product is not sent: its card takes the place of the guessed ones until the next message. */
async function showProduct(result) {
  const mine = desk.talk;
  let reply = null;
  try {
    reply = await connection.during(api.suggest(mine.shop.slug, { text: result.title, limit: 1 }));
  } catch (error) {
    if (desk.talk === mine) toast(explain(error).text, true);
    return false;
  }
  const found = reply.products.find((product) => product.id === result.id);
  if (desk.talk !== mine) return false;
  if (!found) { toast("没有取到这个商品，请换个说法再查", true); return false; }
  mine.goods = [found];
  drawProducts();
  $("message").focus({ preventScroll: true });
  $("goods").scrollIntoView({ block: "nearest" }); // one column: the card lies below the answers
  return true;
}

export async function pickFound(result) {
  if (result.type === "product") return showProduct(result);
  const mine = desk.talk;
  const checked = await mayCopy(mine, result.text);
  if (!checked) return false;
  const done = await deliver(result.text, mine);
  if (!done) return false;
  const asked = (mine.shown?.turn?.text ?? "").slice(0, 2000); // found by hand for this message: the best lesson there is
  noteFor(mine)([{ kind: "inserted", suggestion: result.search, entry: result.id, rank: result.rank, generation: result.generation, asked }]);
  mine.took = null; // a card that was copied before is not what is sent now
  spoke(mine, result.text);
  toast(`${done} ${result.title.length > 24 ? `${result.title.slice(0, 24)}…` : result.title}${unless(checked)}`);
  $("message").focus();
  return true;
}
