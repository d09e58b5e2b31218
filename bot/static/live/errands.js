// What an agent asked for while the service was away is done when it is back. In memory only: no buyer's words stay behind.
import { toast } from "../shared/dom.js";
import { explain } from "../shared/api.js";
import { connection } from "../agent/connection.js";

const waiting = new Map(); // by name: a later errand of the same name takes the place of the one before

/** Run it now; when nobody answers it waits. `done(reply)` once it worked, `failed(error)` when it was refused. */
export async function errand(name, run, { done = () => {}, failed = (error) => toast(explain(error).whole, true) } = {}) {
  try {
    const reply = await connection.during(run());
    waiting.delete(name);
    done(reply);
    return true;
  } catch (error) {
    if (error.unreachable) { waiting.set(name, { run, done, failed }); toast("服务连不上，恢复后会自动补发", true); } else failed(error);
    return false;
  }
}

/** In the order in which they were asked for, each after the one before: two replies to a buyer must not change places. */
export async function catchUp() {
  const due = [...waiting];
  waiting.clear();
  for (const [name, one] of due) await errand(name, one.run, one);
}
