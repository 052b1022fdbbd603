import { contentText } from "../../contract/message.ts";
import type { ChatTable, MessageTable } from "../../db/schema.ts";
import type { Context } from "../context.ts";
import type { Bus } from "../events/bus.ts";
import { messagesForPages, shapeOf } from "./chat-rows.ts";

/** A title or tags that come after an answer do not make their chat a newer one: they take no longer than this. */
const LATE_CHANGES_SEC = 300;
/** Chats of one user that are told anew; who missed more finds them in the list. */
const MAX_CHATS = 50;
/** Changes of a chat that are told anew; pages that show it have the older ones. */
const MAX_CHANGES = 32;

/**
 * Tells the users who have sockets here what other servers may have told in vain: chats that were changed since, as they
 * are stored now, and how far running answers have come. `bus` reaches the sockets of this server alone.
 */
export async function tellMissed(
  context: Context,
  bus: Bus,
  { users, sinceMs }: { users: readonly string[]; sinceMs: number },
): Promise<void> {
  const sinceSec = Math.floor(sinceMs / 1000) - LATE_CHANGES_SEC;
  for (const userId of users) {
    for (const archived of [false, true]) {
      const filter = { userId, archived, pinned: "any", limit: MAX_CHATS, offset: 0 } as const;
      for (const { id, updated_at_sec } of await context.store.chats.listChats(context.store.read, filter)) {
        if (updated_at_sec >= sinceSec) await tellChat(context, bus, id);
      }
    }
    for (const answer of context.answers.ofUser(userId)) {
      const { chatId, messageId, model } = answer;
      answer.show((snapshot) => {
        const hasReasoning = snapshot.reasoning !== "";
        const about = { chatId, messageId, model, hasReasoning, delta: "", reasoningDelta: "" };
        bus.publish(userId, { type: "answer-delta", ...about, snapshot });
      });
    }
  }
}

async function tellChat({ store }: Context, bus: Bus, chatId: string): Promise<void> {
  const chat = await store.chats.findChat(store.read, chatId);
  if (!chat) return;
  const rows = await store.messages.listMessages(store.read, chatId);
  const forest = shapeOf(chat, rows);
  const recent = rows.filter(({ revision }) => revision > chat.revision - MAX_CHANGES);
  const messages = recent.map((row) => ({ ...JSON.parse(row.body_json), ...forest.messages.get(row.id)! }));
  bus.publish(chat.user_id, {
    type: "messages-changed",
    chatId,
    messages: messagesForPages(messages, forest),
    currentId: chat.current_message_id,
  });
  for (const row of recent) if (row.answer_state === "final") tellEnd(bus, chat, row);
  bus.publish(chat.user_id, { type: "chat-list-changed", chatId });
}

function tellEnd(bus: Bus, chat: ChatTable, row: MessageTable): void {
  const body = JSON.parse(row.body_json);
  const whole = contentText(body.content);
  bus.publish(chat.user_id, {
    type: "answer-finished",
    chatId: chat.id,
    messageId: row.id,
    snapshot: { whole, content: whole, reasoning: "" },
    title: chat.title,
    model: String(body.model ?? ""),
    error: body.error ?? null,
    stopped: false,
    usage: body.usage ?? null,
  });
}
