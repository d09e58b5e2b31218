// Where the records of all talks go: one outbox for the page, told which shop each event is about.
import { Outbox } from "./outbox.js";

let outbox = null;

export function openNotes(options) { outbox = new Outbox(options); }

/** How a Record of this talk hands on its events. */
export const noteFor = (talk) => (events) => outbox.add(talk.shop.slug, events);

export const deliverNotes = (options) => outbox?.flush(options);
