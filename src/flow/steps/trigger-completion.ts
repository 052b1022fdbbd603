import { decodeError } from "../../contract/answer-decoding.ts";
import { asOffstageError, OffstageError } from "../../errors.ts";
import { completionBody } from "../completion-body.ts";
import { listenLive } from "../listen-live.ts";
import { readStream } from "../read-stream.ts";
import type { AnswerRun, Run } from "../run.ts";
import { showInOpenTabs } from "../show-in-open-tabs.ts";
import { inheritFiles } from "./inherit-files.ts";
import { mayStillHappen, pauseFor, wasNeverSent } from "./pause.ts";

const LIVE_CONNECT_MS = 1_000;
const MAX_ATTEMPTS = 6;

/**
 * Step 4: asks for the answer.
 *
 * Effect: `POST chat/completions` starts one.
 * Safe to repeat because: it is not (0.6.15 appends a second answer); it is sent once for each answer id.
 * Known done when: the server said so, or lists a task, or the message has text, an error or its mark.
 * If the process dies here: the chat shows what came of it; without any sign for a while it is asked anew as a sibling.
 */
export async function triggerCompletion(run: Run, answer: AnswerRun): Promise<void> {
  const { client, clock } = run.context;
  const { trigger, look } = answer;
  if (look === null) throw new OffstageError("internal", "An answer is asked for before the chat was read.");
  if (run.plan.wait === "events") await connectLive(run, answer);
  if (answer === run.answers[0]) await showInOpenTabs(run, answer, look.record.chat);
  if (run.stopWanted) return;
  await inheritFiles(run, look.record.chat);
  const body = completionBody(run, answer, look.record.chat);
  trigger.attempts++;
  trigger.atMs = clock.nowMs();
  answer.look = null;
  answer.waits = 0;
  // A reply that comes with the first token may not come at all; what the server lists can be stopped before it.
  const stopWork = () => {
    client.stopChatTasks(run.knownChatId(), run.call).catch(() => {
      // `stopAnswer` asks again, and its failure counts.
    });
  };
  run.stopping.signal.addEventListener("abort", stopWork, { once: true });
  const want = run.plan.wait === "stream" ? "events" : "ack";
  try {
    const started = await client.startCompletion(body, { ...run.effectCall(trigger.attempts), want });
    trigger.outcome = "accepted";
    answer.justAsked = started.kind === "ack" || started.kind === "events";
    if (started.kind === "ack") trigger.taskIds = started.taskIds.length === 0 ? null : started.taskIds;
    if (started.kind === "events") readStream(run, answer, started.events);
    else if (run.plan.wait !== "poll") listenLive(run);
  } catch (thrown) {
    await judgeRefusal(run, answer, asOffstageError(thrown));
  } finally {
    run.stopping.signal.removeEventListener("abort", stopWork);
  }
}

/** What a failed request means: running already, to be sent again, perhaps under way, or refused. */
async function judgeRefusal(run: Run, answer: AnswerRun, error: OffstageError): Promise<void> {
  const { trigger } = answer;
  if (run.stopWanted) {
    // What was stopped before its reply may answer with any error.
    trigger.outcome = run.hangUp.signal.aborted || mayStillHappen(error) ? "unknown" : "accepted";
  } else if (error.code === "conflict") {
    trigger.outcome = "accepted";
  } else if (error.code === "rate_limited" || wasNeverSent(error)) {
    if (trigger.attempts >= MAX_ATTEMPTS) throw error;
    await pauseFor(run, answer, error);
  } else if (error.retryable) {
    trigger.outcome = mayStillHappen(error) ? "unknown" : "failed";
  } else {
    trigger.outcome = "accepted";
    if (!(await hasStoredError(run, answer))) throw error;
  }
}

/** 0.6.15 answers 400 for its provider's failures, and keeps them with the message, which says more. */
async function hasStoredError(run: Run, answer: AnswerRun): Promise<boolean> {
  const { chat } = await run.context.client.getChat(run.knownChatId(), run.call);
  return decodeError(chat.history.messages[answer.messageId]?.error) !== null;
}

/** Listens before there is anything to hear, without waiting long for it. */
async function connectLive(run: Run, answer: AnswerRun): Promise<void> {
  if (run.leaveLive !== null) return;
  listenLive(run);
  if (!run.liveConnected) await answer.waker.wait(LIVE_CONNECT_MS);
}
