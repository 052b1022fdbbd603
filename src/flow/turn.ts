import { asOffstageError } from "../errors.ts";
import { type Answer, type JsonDefaults, turnAnswer } from "./answer.ts";
import type { TurnIds, TurnPlan } from "./ask-input.ts";
import { closePlaceholders } from "./close-placeholders.ts";
import { isEnded, type State } from "./decision-table.ts";
import { EventLog } from "./event-log.ts";
import { keepModels } from "./keep-models.ts";
import { reconcile } from "./reconcile.ts";
import { Run, type RunContext } from "./run.ts";
import type { TurnEvent } from "./turn-event.ts";

/**
 * A question on its way to its answer. It runs by itself: reading its events is optional, any number may read, each from
 * the first event on; a reader's loop throws what `answer()` rejects with.
 */
export interface Turn<Output = unknown> extends AsyncIterable<TurnEvent> {
  /** Kept by a caller, they make the same ask safe after a crash: give them as `ids`, with `resume`. */
  readonly ids: TurnIds;
  /** Null until the chat is made. */
  readonly chatId: string | null;
  /** The first model's. */
  readonly state: State;
  /** Resolves once the answer is final; with its title and the like, as far as they come in time. */
  answer(): Promise<Answer<Output>>;
  /** Stops the answer on the server, and resolves with how the turn ended once that is confirmed. What is final stays. */
  cancel(): Promise<State>;
}

export interface TurnOptions {
  context: Omit<RunContext, "tell">;
  plan: TurnPlan;
  json: JsonDefaults;
  /** Ends the turn here; the server goes on. */
  closed: AbortSignal;
  /** Cancels the turn. */
  signal: AbortSignal | undefined;
}

/** Starts a turn, which runs until it has ended. */
export function startTurn({ context, plan, json, closed, signal }: TurnOptions): Turn {
  const log = new EventLog();
  const over = new AbortController();
  const run = new Run(
    { ...context, tell: (event) => log.tell(event) },
    plan,
    AbortSignal.any([closed, over.signal]),
  );
  const state = () => run.answers[0]?.state ?? "failed";
  const stop = () => {
    run.stop(over.signal);
    run.wakeAll();
  };
  const close = () => run.wakeAll();
  closed.addEventListener("abort", close, { once: true });
  signal?.addEventListener("abort", stop, { once: true });
  if (signal?.aborted) stop();
  context.clock.sleep(plan.timeoutMs, over.signal).then(close, () => {
    // The turn ended before its deadline.
  });

  const answered = runTurn(run)
    .finally(() => {
      over.abort();
      run.ticket?.leave();
      run.leaveLive?.();
      closed.removeEventListener("abort", close);
      signal?.removeEventListener("abort", stop);
    })
    .then(() => turnAnswer(run, json));
  answered.then(
    () => log.end(null),
    (thrown) => log.end(asOffstageError(thrown)),
  );

  return {
    ids: plan.ids,
    get chatId() {
      return run.chatId;
    },
    get state() {
      return state();
    },
    answer: () => answered,
    cancel: async () => {
      stop();
      await answered.catch(() => {
        // How it ended is the state; who wants the reason asks for the answer.
      });
      return state();
    },
    [Symbol.asyncIterator]: () => log.read(),
  };
}

/** The chat is saved once for all answers, which then run side by side where that is safe, else one after the other. */
async function runTurn(run: Run): Promise<void> {
  const [first, ...others] = run.answers;
  if (first === undefined) return;
  await reconcile(run, first, others.length === 0 ? undefined : "chat-saved");
  for (const other of others) {
    if (isEnded(first.state) && !run.turnSaved) {
      other.problem = first.problem;
      run.enterState(other, first.state);
    } else {
      run.enterState(other, "chat-saved");
      other.steps.startAfter("savePlaceholder");
    }
  }
  if (run.profile?.parallelSafe) await Promise.all(run.answers.map((answer) => reconcile(run, answer)));
  else for (const answer of run.answers) await reconcile(run, answer);
  for (const answer of run.answers) await closePlaceholders(run, answer);
  await keepModels(run, run.answers.at(-1) ?? first);
}
