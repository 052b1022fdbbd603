import type { StoredChatDocument } from "../contract/stored-chat.ts";
import { asOffstageError } from "../errors.ts";
import type { AnswerRun, Run } from "./run.ts";

const TIMEOUT_MS = 1_000;

/**
 * Has web UIs that show the chat already read it again, so that they show the new turn and follow its answer: 0.11.4's
 * would not, 0.12.4's would anyway, 0.10.2's does not understand it. They heed only events for a message that they
 * know. To be done before the answer begins: what is told while a page reads would be missing there. Takes one short
 * call and never throws: a failure is told.
 */
export async function showInOpenTabs(
  run: Run,
  { messageId, model }: AnswerRun,
  { history }: StoredChatDocument,
): Promise<void> {
  const { client, tell } = run.context;
  const knownId = run.plan.regenerate ?? history.messages[run.questionId ?? ""]?.parentId;
  if (knownId == null || !run.profile?.historyMerge || run.profile.offstage !== null) return;
  const event = { type: "chat:reload", data: {} };
  try {
    const limits = { ...run.call, timeoutMs: TIMEOUT_MS };
    await client.postMessageEvent(run.knownChatId(), knownId, event, limits);
  } catch (thrown) {
    if (!run.closed.aborted) tell({ type: "warning", error: asOffstageError(thrown), messageId, model });
  }
}
