import { type AnswerJournal, TUTORIAL_STEP } from "../../contract/journal.ts";
import { contentText } from "../../contract/message.ts";
import type { Queries } from "../../db/database.ts";
import type { MessageTable } from "../../db/schema.ts";
import { endedRow } from "../answers/ended-row.ts";
import { type Context, nowSec } from "../context.ts";

/** The folder's lock says that no other process lives, so every lease has run out. */
const EVERY_LEASE_MS = Number.MAX_SAFE_INTEGER;

/**
 * Ends every answer that a process which is gone left running: what had come is kept, and the message says why it
 * breaks off. Resolves with how many those were.
 */
export async function recoverAnswers(context: Context): Promise<number> {
  const { store } = context;
  return store.write(async (tx) => {
    const abandoned = await store.messages.listAbandoned(tx, { nowMs: EVERY_LEASE_MS, owner: context.owner });
    for (const row of abandoned) {
      const chat = await store.chats.findChat(tx, row.chat_id);
      if (!chat) continue;
      const body = JSON.parse(row.body_json) as Record<string, unknown>;
      body.content = row.partial_text ?? contentText(body.content);
      body.error = {
        content: "Interrupted: the server stopped in the middle of this answer.",
        code: "answer_lost",
      };
      const revision = chat.revision + 1;
      await store.messages.replaceMessage(tx, endedRow(row, body, revision));
      await noteInterruption(context, tx, row);
      await store.chats.replaceChat(tx, { ...chat, revision, updated_at_sec: nowSec(context.clock) });
    }
    return abandoned.length;
  });
}

/** Puts the end of the process behind what the answer's journal has, where one was kept. */
async function noteInterruption({ store, clock }: Context, tx: Queries, row: MessageTable): Promise<void> {
  const key = { chatId: row.chat_id, messageId: row.id, taskId: row.task_id ?? "" };
  const kept = await store.journals.findJournal(tx, key);
  if (!kept) return;
  const journal = JSON.parse(kept.journal_json) as AnswerJournal;
  const step = "interrupted";
  journal.steps.push({ step, tutorial_step: TUTORIAL_STEP[step], at_ms: clock.nowMs() });
  await store.journals.putJournal(tx, { ...kept, journal_json: JSON.stringify(journal) });
}
