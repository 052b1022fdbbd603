import type { StoredChatDocument } from "../contract/stored-chat.ts";
import { asOffstageError } from "../errors.ts";
import type { AnswerRun, Run } from "./run.ts";

const TIMEOUT_MS = 5_000;

/**
 * Has web UIs that show the chat already read it again, so that they show the new turn and follow its answer: those
 * before 0.12.4 would not, and those up to 0.10.2 do not understand it. They heed only events for a message that they
 * know. Nobody waits for it, and it never throws: a failure is told.
 */
export function showInOpenTabs(run: Run, answer: AnswerRun, { history }: StoredChatDocument): void {
  const { client, tell } = run.context;
  const knownId = run.plan.regenerate ?? history.messages[run.questionId ?? ""]?.parentId;
  if (knownId == null || !run.profile?.historyMerge || run.profile.offstage !== null) return;
  if (answer !== run.answers[0]) return;
  const { messageId, model } = answer;
  const event = { type: "chat:reload", data: {} };
  const limits = { ...run.call, timeoutMs: TIMEOUT_MS };
  client.postMessageEvent(run.knownChatId(), knownId, event, limits).catch((thrown) => {
    if (!run.closed.aborted) tell({ type: "warning", error: asOffstageError(thrown), messageId, model });
  });
}
