import { asOffstageError } from "../errors.ts";
import type { AnswerRun, Run } from "./run.ts";

/**
 * Lets the chat name all models of its turn again: from 0.10.2 on every completion leaves its own as the only one, which
 * the web UI would then ask alone. Models that somebody else chose in the meantime stay. Never throws: a failure is told.
 */
export async function keepModels(run: Run, last: AnswerRun): Promise<void> {
  const { client, tell } = run.context;
  const models = [...run.plan.models];
  if (models.length < 2 || !run.turnSaved || run.closed.aborted) return;
  const chatId = run.knownChatId();
  try {
    const { chat } = await client.getChat(chatId, run.call);
    const kept = chat.models ?? [];
    if (kept.length >= models.length || !kept.every((model) => models.includes(model))) return;
    await client.updateChat(chatId, { models }, { ...run.call, repeatable: true });
    last.result = await client.getChat(chatId, run.call);
  } catch (thrown) {
    tell({
      type: "warning",
      error: asOffstageError(thrown),
      messageId: last.messageId,
      model: last.model,
    });
  }
}
