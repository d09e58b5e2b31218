// S: the chat's own host tells what was sent; where none does, the agent says so and the clock stops.
import { api } from "../shared/api.js";
import { desk } from "../agent/desk.js";
import { toast } from "../shared/dom.js";
import { uuid } from "../record/outbox.js";
import { board } from "./board.js";
import { errand } from "./errands.js";
import { heard } from "./hear.js";

export function markSent() {
  const talk = desk.talk, { slug } = talk.shop;
  if (!talk.live || !talk.copied) return;
  const message = { id: uuid(), speaker: "agent", text: talk.copied };
  errand(`sent ${slug}/${talk.id} ${talk.copied}`, () => api.say(slug, talk.id, message), {
    done: (reply) => {
      if (reply?.conversation) board.put(reply.conversation);
      // Not left to the stream: of a chat that a colleague serves nobody else is told.
      if (reply?.message) heard({ shop: slug, conversation: talk.id, message: reply.message });
      toast("已记下：发给买家了");
    },
  });
}
