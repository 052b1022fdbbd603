import { TUTORIAL_STEP } from "../../contract/journal.ts";
import { contentText } from "../../contract/message.ts";
import type { Queries } from "../../db/database.ts";
import type { ChatTable, MessageTable } from "../../db/schema.ts";
import { endedRow } from "../answers/ended-row.ts";
import { type Context, nowSec } from "../context.ts";
import type { JournalAddition } from "../journal/stored-journal.ts";

/** The folder's lock says that no other process lives, so every lease has run out. */
const EVERY_LEASE_MS = Number.MAX_SAFE_INTEGER;
/** How often a server that shares its database looks for answers whose process is gone. */
const LOOK_EVERY_MS = 5_000;

const INTERRUPTED = {
  content: "Interrupted: the server stopped in the middle of this answer.",
  code: "answer_lost",
};

/**
 * Ends the answers that a process which is gone left running: what had come is kept, and the message says why it breaks off.
 * At a server's start those are all that it left itself, and where the database is not shared all there are; of other
 * servers' always those only whose lease has run out. Resolves with how many those were.
 */
export async function recoverAnswers(context: Context, { isStart }: { isStart: boolean }): Promise<number> {
  const { store, clock, owner } = context;
  const nowMs = store.isShared ? clock.nowMs() : EVERY_LEASE_MS;
  const abandoned = await store.messages.listAbandoned(store.read, { nowMs, owner: isStart ? owner : "" });
  const isGone = (row: MessageTable) =>
    row.answer_state === "running" &&
    ((isStart && row.owner === owner) || (row.lease_until_ms ?? 0) < nowMs) &&
    // A server that could not reach its database has kept no lease, and lives.
    context.answers.ofTask(row.task_id ?? "")?.isElsewhere !== false;
  let count = 0;
  for (const { chat_id, id } of abandoned) {
    const ended = await store.write(async (tx) => {
      const chat = await store.chats.findChat(tx, chat_id);
      const row = await store.messages.findMessage(tx, chat_id, id);
      return chat && row && isGone(row) ? endAnswer(context, tx, chat, row) : null;
    });
    if (!ended) continue;
    count += 1;
    tellEnd(context, ended);
  }
  return count;
}

interface EndedAnswer {
  chat: ChatTable;
  row: MessageTable;
  body: Record<string, unknown>;
}

async function endAnswer(
  context: Context,
  tx: Queries,
  chat: ChatTable,
  row: MessageTable,
): Promise<EndedAnswer> {
  const { store, clock } = context;
  const body = JSON.parse(row.body_json) as Record<string, unknown>;
  body.content = row.partial_text ?? contentText(body.content);
  body.error = INTERRUPTED;
  const revision = chat.revision + 1;
  await store.messages.replaceMessage(tx, endedRow(row, body, revision));
  await noteInterruption(context, tx, row);
  await store.chats.replaceChat(tx, { ...chat, revision, updated_at_sec: nowSec(clock) });
  return { chat, row, body };
}

/** Puts the end of the process behind what the answer's journal has, where one was kept. */
async function noteInterruption({ store, clock }: Context, tx: Queries, row: MessageTable): Promise<void> {
  const step = "interrupted";
  const atMs = clock.nowMs();
  const addition: JournalAddition = {
    steps: [{ step, tutorial_step: TUTORIAL_STEP[step], at_ms: atMs }],
    exchanges: [],
    searches: [],
  };
  const key = { chatId: row.chat_id, messageId: row.id, taskId: row.task_id ?? "" };
  await store.journals.appendToJournal(tx, key, { atMs, json: JSON.stringify(addition) });
}

function tellEnd({ bus, answers }: Context, { chat, row, body }: EndedAnswer): void {
  answers.forget(row.task_id ?? "");
  const whole = contentText(body.content);
  const about = { chatId: chat.id, messageId: row.id };
  bus.publish(chat.user_id, {
    type: "answer-finished",
    ...about,
    snapshot: { whole, content: whole, reasoning: "" },
    title: chat.title,
    model: String(body.model ?? ""),
    error: INTERRUPTED,
    stopped: false,
    usage: null,
  });
  const active = answers.ofChat(chat.id).length > 0;
  if (!active) bus.publish(chat.user_id, { type: "chat-active", ...about, active });
}

/** Looks again and again for answers of servers that are gone; the answer ends the looking, and resolves once it has ended. */
export function keepRecovering(context: Context): () => Promise<void> {
  let looking: Promise<void> | null = null;
  const look = async () => {
    try {
      const recovered = await recoverAnswers(context, { isStart: false });
      if (recovered > 0) context.log.warn({ recovered }, "answers of a server that is gone were ended");
    } catch (error) {
      context.log.warn({ err: error }, "answers of servers that are gone could not be looked for");
    }
  };
  const timer = setInterval(() => {
    looking ??= look().finally(() => {
      looking = null;
    });
  }, LOOK_EVERY_MS);
  return async () => {
    clearInterval(timer);
    await looking;
  };
}
