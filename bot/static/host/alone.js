// The sidebar in a window of its own: nobody hands it a chat, and answers go by the clipboard.

export function aloneHost() {
  return { kind: "standalone", ready: Promise.resolve(), onConversation() {}, async insert() { return false; } };
}
