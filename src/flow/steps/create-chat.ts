import type { PostedChat } from "../../contract/chat.ts";
import { asOffstageError } from "../../errors.ts";
import { placeTurn, wireHistory, wireMessages } from "../place-turn.ts";
import type { AnswerRun, Run } from "../run.ts";
import { turnFiles } from "../turn-material.ts";
import { pauseFor, wasNeverSent } from "./pause.ts";

const MAX_ATTEMPTS = 5;

/**
 * Steps 1 and 2: the chat, with the question and the empty answers in it.
 *
 * Effect: `POST chats/new` makes a chat whose id the server chooses.
 * Safe to repeat because: it is not; after a lost reply `findChat` looks for our question's id first.
 * Known done when: the chat holds our question and answers.
 * If the process dies here: a chat may be left with an unanswered question; given the same ids, a run finds it.
 */
export async function createChat(run: Run, answer: AnswerRun): Promise<void> {
  const { client, clock } = run.context;
  const { creation } = run;
  creation.attempts++;
  creation.looks = 0;
  creation.atMs = clock.nowMs();
  if (creation.attempts === 1) creation.firstAtServerMs = client.serverNowMs() ?? creation.atMs;
  try {
    const record = await client.createChat(newChat(run), run.effectCall(creation.attempts));
    run.enterChat(record.id);
    answer.look = { taskIds: [], record };
  } catch (thrown) {
    const error = asOffstageError(thrown);
    const undone = error.code === "rate_limited" || wasNeverSent(error);
    if (!error.retryable || (undone && !mayCreateAgain(run))) throw error;
    creation.error = error;
    if (undone) await pauseFor(run, answer, error);
    else creation.outcome = "unknown";
  }
}

/** Whether a chat may be asked for once more. */
export function mayCreateAgain({ creation }: Run): boolean {
  return creation.attempts < MAX_ATTEMPTS;
}

function newChat(run: Run): PostedChat {
  const { models, title } = run.plan;
  const { messages, currentId } = placeTurn({ messages: new Map(), currentId: null }, run.placedTurn());
  return {
    title,
    models: [...models],
    files: turnFiles(run),
    tags: [],
    params: {},
    timestamp: run.startedAtMs,
    messages: wireMessages(messages.values()),
    history: wireHistory(messages.values(), currentId),
  };
}
