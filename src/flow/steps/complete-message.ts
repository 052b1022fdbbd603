import { branch } from "../../chat-tree/index.ts";
import { isJsonObject } from "../../contract/json-shape.ts";
import { asOffstageError } from "../../errors.ts";
import { storedForest } from "../place-turn.ts";
import type { AnswerRun, Run } from "../run.ts";
import { writeHistory } from "../write-history.ts";

/**
 * Step 6: marks the answer as completed, where that means anything.
 *
 * Effect: `POST chat/completed` on offstage's own server, which waits for the title and the like; elsewhere nothing,
 * unless outlet filters are asked for where only this call runs them (up to 0.8.12): then what they made is stored.
 * Safe to repeat because: it changes nothing that is final.
 * Known done when: it returned. A failure does not take the answer away: it is told and the run goes on.
 * If the process dies here: the answer is there; only what filters would have made is missing.
 */
export async function completeMessage(run: Run, answer: AnswerRun): Promise<void> {
  const { profile, plan } = run;
  const runsFilters = plan.outletFilters && profile?.serverTurns === false;
  try {
    if (profile?.completedSettles) {
      answer.steps.enter("completeMessage", true);
      answer.look = null;
      await run.context.client.completed(completedBody(run, answer), { ...run.call, repeatable: true });
    } else if (runsFilters) {
      answer.steps.enter("completeMessage", true);
      await runOutletFilters(run, answer);
      answer.look = null;
    }
  } catch (thrown) {
    answer.steps.close(asOffstageError(thrown));
  }
  answer.completed = true;
}

function completedBody(run: Run, answer: AnswerRun) {
  const { sessionId } = run.plan.ids;
  return { model: answer.model, chat_id: run.knownChatId(), id: answer.messageId, session_id: sessionId };
}

async function runOutletFilters(run: Run, answer: AnswerRun): Promise<void> {
  const { client } = run.context;
  const { chat } = await client.getChat(run.knownChatId(), run.call);
  const messages = branch(storedForest(chat), answer.messageId).map(({ id, role, content, timestamp }) => ({
    id,
    role: role as "user",
    content: content as string,
    timestamp: timestamp as number,
  }));
  const reply = await client.completed(
    { ...completedBody(run, answer), messages },
    { ...run.call, repeatable: true },
  );
  const filtered = Array.isArray(reply.messages)
    ? reply.messages.find((message) => isJsonObject(message) && message.id === answer.messageId)
    : undefined;
  const content = filtered?.content;
  if (typeof content !== "string" || content === messages.at(-1)?.content) return;
  await writeHistory(run, (forest) => {
    const message = forest.messages.get(answer.messageId);
    if (message === undefined) return forest;
    const changed = { ...message, content, originalContent: message.content };
    return { ...forest, messages: new Map(forest.messages).set(message.id, changed) };
  });
}
