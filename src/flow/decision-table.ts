/**
 * The flow's state machine: what is known for certain (state), what the last look showed (observation), and what is
 * to be done about it (step). Pure and total; the compiler checks that no pair is missing.
 *
 *   queued → waiting-for-files → chat-saved → triggered → answered → settled → succeeded
 *   from anywhere: failed, cancelled, lost, blocked. Only `askAgain` goes back, from triggered to chat-saved.
 */

export const STATES = [
  "queued",
  "waiting-for-files",
  "chat-saved",
  "triggered",
  "answered",
  "settled",
  "succeeded",
  "failed",
  "cancelled",
  "lost",
  "blocked",
] as const;

/**
 * A fact about the run. `chat-saved`: question and placeholder stand in the chat. `triggered`: an answer was asked for.
 * `answered`: it is final and whole. `settled`: its background work is over too. `lost`: the server took the request and
 * forgot it. `blocked`: only a person can help (an expired token).
 */
export type State = (typeof STATES)[number];

export const OBSERVATIONS = [
  "files-pending",
  "chat-absent",
  "creation-unknown",
  "chat-busy",
  "turn-missing",
  "turn-ready",
  "running",
  "answer-final",
  "unsettled",
  "all-done",
  "completed",
  "answer-failed",
  "silent",
  "unheard",
  "stop-asked",
  "stopped",
  "overdue",
  "refused",
  "signed-out",
] as const;

/**
 * What the last look showed. `creation-unknown`: a chat may have been made. `chat-busy`: another answer comes first.
 * `turn-missing`: the chat lacks a message or link of ours. `answer-final`: final, its background work goes on;
 * `unsettled`: the same, and it is not waited for any longer. `completed`: step 6 is over. `silent`: an accepted request
 * left no trace; `unheard`: one of which nobody knows whether it arrived. `stop-asked`: cancelled, and it may still run.
 */
export type Observation = (typeof OBSERVATIONS)[number];

/** A command to the flow. The last six end the run, or leave it ended. */
export type Step =
  | "awaitFiles"
  | "createChat"
  | "findChat"
  | "awaitTurn"
  | "savePlaceholder"
  | "triggerCompletion"
  | "awaitAnswer"
  | "askAgain"
  | "awaitSettling"
  | "completeMessage"
  | "fetchChat"
  | "stopAnswer"
  | "fail"
  | "timeOut"
  | "lose"
  | "cancel"
  | "block"
  | "stay";

type Row = Record<Observation, Step>;

const UNANSWERED = {
  "answer-failed": "fail",
  "stop-asked": "stopAnswer",
  stopped: "cancel",
  overdue: "timeOut",
  refused: "fail",
  "signed-out": "block",
} as const;

const FINAL = {
  "answer-final": "awaitSettling",
  unsettled: "completeMessage",
  "all-done": "completeMessage",
  completed: "fetchChat",
} as const;

const BEGINNING: Row = {
  ...UNANSWERED,
  ...FINAL,
  "files-pending": "awaitFiles",
  "chat-absent": "createChat",
  "creation-unknown": "findChat",
  "chat-busy": "awaitTurn",
  "turn-missing": "savePlaceholder",
  "turn-ready": "triggerCompletion",
  running: "awaitAnswer",
  silent: "lose",
  unheard: "askAgain",
};

/** What is final stays: neither a cancellation nor the deadline takes an answer away. */
const ANSWERED: Row = {
  ...FINAL,
  "files-pending": "completeMessage",
  "chat-absent": "lose",
  "creation-unknown": "lose",
  "chat-busy": "completeMessage",
  "turn-missing": "lose",
  "turn-ready": "lose",
  running: "awaitSettling",
  silent: "completeMessage",
  unheard: "completeMessage",
  "answer-failed": "fail",
  "stop-asked": "completeMessage",
  stopped: "completeMessage",
  overdue: "completeMessage",
  refused: "fail",
  "signed-out": "block",
};

const ENDED = Object.fromEntries(OBSERVATIONS.map((observation) => [observation, "stay"])) as Record<
  Observation,
  "stay"
>;

export const DECISIONS: Record<State, Row> = {
  queued: BEGINNING,
  "waiting-for-files": BEGINNING,
  "chat-saved": { ...BEGINNING, "chat-absent": "fail", "creation-unknown": "fail" },
  triggered: {
    ...BEGINNING,
    "files-pending": "awaitAnswer",
    "chat-absent": "lose",
    "creation-unknown": "lose",
    "chat-busy": "awaitAnswer",
    "turn-missing": "awaitAnswer",
    "turn-ready": "awaitAnswer",
  },
  answered: ANSWERED,
  settled: { ...ANSWERED, "answer-final": "completeMessage", running: "completeMessage" },
  succeeded: ENDED,
  failed: ENDED,
  cancelled: ENDED,
  lost: ENDED,
  blocked: ENDED,
};

/** The states that an observation proves; the others prove none. */
const PROVEN: Partial<Record<Observation, State>> = {
  "files-pending": "waiting-for-files",
  "turn-ready": "chat-saved",
  running: "triggered",
  "answer-final": "answered",
  unsettled: "answered",
  "all-done": "settled",
};

/** The state after an observation: what it proves, unless more is known already. */
export function advance(state: State, observation: Observation): State {
  const proven = PROVEN[observation];
  return proven !== undefined && STATES.indexOf(proven) > STATES.indexOf(state) ? proven : state;
}

export function decide(state: State, observation: Observation): Step {
  return DECISIONS[state][observation];
}

/** Whether nothing follows any more. */
export function isEnded(state: State): boolean {
  return DECISIONS[state] === ENDED;
}
