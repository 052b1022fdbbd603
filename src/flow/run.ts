import type { ClientClock } from "../client/open-webui-client.ts";
import type { Usage } from "../contract/completion.ts";
import type { StoredChat } from "../contract/stored-chat.ts";
import { OffstageError } from "../errors.ts";
import type { TurnPlan } from "./ask-input.ts";
import { type ChatTicket, joinChatQueue } from "./chat-queue.ts";
import type { State } from "./decision-table.ts";
import type { FlowClient } from "./flow-client.ts";
import type { LiveHub } from "./live-hub.ts";
import type { PlacedTurn } from "./place-turn.ts";
import type { ServerProfile } from "./server-profile.ts";
import { StepLog } from "./step-log.ts";
import type { TurnEvent } from "./turn-event.ts";
import { planMaterial, type TurnMaterial, turnFiles } from "./turn-material.ts";
import { Waker } from "./waker.ts";

/** How long a cancelled turn still waits for what it had asked: the reply to its completion names what is to be stopped. */
const STOP_PATIENCE_MS = 10_000;

/** How long the deadline, or that patience, leaves for what must still be done: to stop, to mark, to read. */
const LAST_CALLS_MS = 10_000;

/** What a run works with. */
export interface RunContext {
  readonly client: FlowClient;
  readonly clock: ClientClock;
  readonly newId: () => string;
  readonly live: LiveHub;
  readonly tell: (event: TurnEvent) => void;
}

/** One look at the chat: what runs for it, read first, then the chat itself. */
export interface ChatLook {
  readonly taskIds: readonly string[];
  readonly record: StoredChat;
}

/** One answer of a turn on its way: the memory that the flow decides with, beside what the chat shows. */
export interface AnswerRun {
  /** The message that is answered into; another one after `askAgain`. */
  messageId: string;
  /** Answers that were asked for without a sign of life; a late one stays a sibling. */
  readonly abandonedIds: string[];
  /** "" until a regenerated answer's model is read. */
  model: string;
  modelIdx: number;
  /** Never goes back, but by `askAgain`. */
  state: State;
  /** The last look, while nothing happened since; null when the chat must be read again. */
  look: ChatLook | null;
  /**
   * `never`: no completion was sent for `messageId`. `unknown`: one was, and its reply was lost. `failed`: the server
   * said that it failed. `accepted`: it runs or ran. `attempts` counts all completions of this answer.
   */
  readonly trigger: {
    outcome: "never" | "unknown" | "failed" | "accepted";
    atMs: number;
    attempts: number;
    /** What the server called the work; null where it did not say. */
    taskIds: readonly string[] | null;
  };
  /** Whether the reply to the last completion still has to be waited for before a look tells anything. */
  justAsked: boolean;
  /** Whether the streamed reply is being read. */
  streaming: boolean;
  /** The whole text by a done event or the end of a stream; null before. */
  finishedText: string | null;
  /** Looks in a row that showed neither work nor change; `silentLooks` those of them that were a second apart. */
  quietLooks: number;
  silentLooks: number;
  lastSilentAtMs: number;
  /** Passes of the loop in a row that failed. */
  failures: number;
  /** Pauses since the answer was asked for, or since a wake-up; the next one doubles with each. */
  waits: number;
  /** When the answer was first seen to be final; null before. */
  answeredAtMs: number | null;
  /** Whether step 6 is over. */
  completed: boolean;
  /** How often a stop was asked for. */
  stopCalls: number;
  /** The text as last told by an event. */
  snapshot: string;
  /** The model's thinking as last told by an event. */
  reasoning: string;
  /** What only events carry on some servers. */
  usage: Usage | null;
  sources: unknown[] | null;
  /** What ends the run; null while nothing does. */
  problem: OffstageError | null;
  /** The chat at the end; null before. */
  result: StoredChat | null;
  readonly waker: Waker;
  readonly steps: StepLog;
}

/** A turn on its way: what its answers share. */
export class Run {
  readonly context: RunContext;
  readonly plan: TurnPlan;
  readonly answers: readonly AnswerRun[];
  readonly startedAtMs: number;
  readonly deadlineAtMs: number;
  /** Aborted when the process no longer wants the run; the server goes on. */
  readonly closed: AbortSignal;
  /** The server's profile, once it was looked at. */
  profile: ServerProfile | null = null;
  /** The chat, once it is known. */
  chatId: string | null;
  /** Our place in the chat's queue; null before the chat is known. */
  ticket: ChatTicket | null = null;
  /** The question's id; for a regenerated answer it is found in the chat. */
  questionId: string | null;
  /**
   * `unknown`: a chat may have been made of which the reply was lost; `absent`: it was looked for and is not there.
   * `looks` counts since the last attempt, which was at `atMs`; `firstAtServerMs` is the first one's time by the server's
   * clock, 0 where another process made it.
   */
  readonly creation: {
    outcome: "never" | "unknown" | "absent" | "done";
    attempts: number;
    looks: number;
    atMs: number;
    firstAtServerMs: number;
    error: OffstageError | null;
  };
  /** Whether more than one chat may hold the question, because a creation's reply was lost. */
  mayHaveExtras = false;
  /** What is asked about. */
  readonly material: TurnMaterial;
  /** Aborted when the turn is cancelled. */
  readonly stopping = new AbortController();
  /** When it was; Infinity before. */
  #stoppedAtMs = Number.POSITIVE_INFINITY;
  /** Aborted when a cancelled turn no longer waits for replies: some to completions come with the first token. */
  readonly hangUp = new AbortController();
  /** What ends calls that began before a cancellation. */
  readonly #patience: AbortSignal;
  /** Whether the whole turn was seen in the chat. */
  turnSaved = false;
  /** How often the turn was written into the chat. */
  placements = 0;
  /** Until then a write whose reply was lost may still land, and would undo what is written after it. */
  writePendingUntilMs = 0;
  /** Whether live events arrive. */
  liveConnected = false;
  /** Stops listening to live events; null before it began. */
  leaveLive: (() => void) | null = null;

  constructor(context: RunContext, plan: TurnPlan, closed: AbortSignal) {
    const { clock } = context;
    this.context = context;
    this.plan = plan;
    this.closed = closed;
    this.#patience = AbortSignal.any([closed, this.hangUp.signal]);
    this.startedAtMs = clock.nowMs();
    this.deadlineAtMs = this.startedAtMs + plan.timeoutMs;
    this.chatId = null;
    this.questionId = plan.regenerate === null ? plan.ids.userMessageId : null;
    this.creation = {
      outcome: plan.resumed ? "unknown" : "never",
      attempts: 0,
      looks: 0,
      atMs: this.startedAtMs,
      firstAtServerMs: 0,
      error: null,
    };
    this.material = planMaterial(plan);
    this.answers = plan.ids.answerIds.map((messageId, index) =>
      newAnswerRun(this, messageId, plan.models[index] ?? "", index),
    );
    if (plan.chatId !== null) this.enterChat(plan.chatId);
  }

  /** Takes a place in the queue of the chat, which is ours to use once we are first. */
  enterChat(chatId: string): void {
    this.chatId = chatId;
    this.creation.outcome = "done";
    this.ticket = joinChatQueue(this.context.client.baseUrl, chatId);
  }

  /** @throws internal before the chat is known. */
  knownChatId(): string {
    if (this.chatId === null) throw new OffstageError("internal", "The turn has no chat yet.");
    return this.chatId;
  }

  /** Cancels the turn; doing it twice changes nothing. `over` ends the wait for what is under way. */
  stop(over: AbortSignal): void {
    if (this.stopWanted) return;
    const { clock } = this.context;
    this.#stoppedAtMs = clock.nowMs();
    this.stopping.abort();
    this.wakeAll();
    clock.sleep(STOP_PATIENCE_MS, over).then(
      () => this.hangUp.abort(),
      () => {
        // The turn ended before.
      },
    );
  }

  get stopWanted(): boolean {
    return this.stopping.signal.aborted;
  }

  /** Whether the deadline has passed. */
  isOverdue(): boolean {
    return this.context.clock.nowMs() >= this.deadlineAtMs;
  }

  /** The answer is in this state now; told where it is a new one. */
  enterState(answer: AnswerRun, state: State): void {
    if (answer.state === state) return;
    answer.state = state;
    this.context.tell({ type: "state", state, messageId: answer.messageId, model: answer.model });
  }

  wakeAll(): void {
    for (const { waker } of this.answers) waker.wake();
  }

  /** Whether anything was done that the server may keep. */
  hasBegun(): boolean {
    const asked = this.answers.some(({ trigger }) => trigger.attempts > 0);
    const uploaded = this.material.uploads.some(({ attempts }) => attempts > 0);
    return this.plan.resumed || uploaded || this.creation.attempts > 0 || this.placements > 0 || asked;
  }

  /** Whether a creation's reply was lost, so that a chat may be there that we do not know. */
  creationIsOpen(): boolean {
    return this.chatId === null && this.creation.outcome === "unknown";
  }

  /** Whether another answer of the turn is being made. */
  siblingRuns(answer: AnswerRun): boolean {
    return this.answers.some((other) => other !== answer && other.state === "triggered");
  }

  /** Options of every call: it ends with the run. What must still be done after the deadline or a stop has its own time. */
  get call(): { signal: AbortSignal; deadlineAtMs: number } {
    if (this.stopWanted || this.isOverdue()) return { signal: this.closed, deadlineAtMs: this.#lastCallsEndAtMs() };
    return { signal: this.#patience, deadlineAtMs: this.deadlineAtMs };
  }

  /** Options of calls that a cancelled turn does not wait for. */
  get droppableCall(): { signal: AbortSignal; deadlineAtMs: number } {
    return { ...this.call, signal: AbortSignal.any([this.#patience, this.stopping.signal]) };
  }

  /** Whether the time for what must still be done is over too. */
  isOutOfTime(): boolean {
    return this.context.clock.nowMs() >= this.#lastCallsEndAtMs();
  }

  #lastCallsEndAtMs(): number {
    return Math.min(this.deadlineAtMs, this.#stoppedAtMs + STOP_PATIENCE_MS) + LAST_CALLS_MS;
  }

  /** The turn as it is to stand in the chat. */
  placedTurn(): PlacedTurn {
    const timestamp = Math.floor(this.startedAtMs / 1000);
    const { content, parentId, regenerate } = this.plan;
    const files = turnFiles(this);
    const questionId = this.questionId ?? "";
    const question = {
      id: questionId,
      role: "user",
      content,
      timestamp,
      models: [...this.plan.models],
      ...(files.length > 0 && { files }),
    };
    const answers = this.answers.map(({ messageId, model, modelIdx }) => ({
      id: messageId,
      role: "assistant",
      content: "",
      model,
      modelName: model,
      modelIdx,
      timestamp,
      done: false,
    }));
    return {
      question: regenerate === null ? question : null,
      questionId,
      parentId,
      answers,
      abandonedIds: this.answers.flatMap((answer) => answer.abandonedIds),
    };
  }
}

function newAnswerRun(run: Run, messageId: string, model: string, modelIdx: number): AnswerRun {
  const { clock, tell } = run.context;
  const answer: AnswerRun = {
    messageId,
    abandonedIds: [],
    model,
    modelIdx,
    state: "queued",
    look: null,
    trigger: { outcome: "never", atMs: 0, attempts: 0, taskIds: null },
    justAsked: false,
    streaming: false,
    finishedText: null,
    quietLooks: 0,
    silentLooks: 0,
    lastSilentAtMs: Number.NEGATIVE_INFINITY,
    failures: 0,
    waits: 0,
    answeredAtMs: null,
    completed: false,
    stopCalls: 0,
    snapshot: "",
    reasoning: "",
    usage: null,
    sources: null,
    problem: null,
    result: null,
    waker: new Waker(clock),
    steps: new StepLog(clock, (event) =>
      tell({ ...event, messageId: answer.messageId, model: answer.model }),
    ),
  };
  return answer;
}
