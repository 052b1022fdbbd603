import { answerText, decodeError } from "../contract/answer-decoding.ts";
import type { WireMessage } from "../contract/message.ts";
import type { StoredChatDocument } from "../contract/stored-chat.ts";
import type { Run } from "./run.ts";

/** From placing a question to a task for it, a flow takes no longer; what is empty for longer is given up by its asker. */
const PLACED_JUST_NOW_MS = 3_000;

/**
 * Whether another process has just placed a question that nothing works on yet: asked at the same time, one of the two
 * answers is lost on several versions, and neither knows the other's. Where both stand in the chat already, the one
 * with the smaller id goes first.
 */
export function othersComeFirst(run: Run, { history }: StoredChatDocument, placed: boolean): boolean {
  const { clock, client } = run.context;
  const nowMs = client.serverNowMs() ?? clock.nowMs();
  const ownIds = run.answers.flatMap(({ messageId, abandonedIds }) => [messageId, ...abandonedIds]);
  const smallestId = ownIds.toSorted()[0] ?? "";
  return Object.entries(history.messages).some(
    ([id, message]) => !ownIds.includes(id) && waits(message, nowMs) && (!placed || id < smallestId),
  );
}

function waits(message: WireMessage, nowMs: number): boolean {
  if (message.role !== "assistant" || message.done === true || decodeError(message.error) !== null)
    return false;
  const ageMs = nowMs - (message.timestamp ?? 0) * 1_000;
  // Both times are whole seconds, of two clocks.
  return Math.abs(ageMs) < PLACED_JUST_NOW_MS && answerText(message) === "";
}
