import type { CallOptions, ClientClock } from "../client/open-webui-client.ts";
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
import { type CallLimits, TurnLimits } from "./turn-limits.ts";
import { planMaterial, type TurnMaterial, turnFiles } from "./turn-material.ts";
import { Waker } from "./waker.ts";

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
export class Run extends TurnLimits {
  readonly context: RunContext;
  readonly plan: TurnPlan;
  readonly answers: readonly AnswerRun[];
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
    super(context.clock, plan.timeoutMs, closed);
    this.context = context;
    this.plan = plan;
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

  /** Options of every call: it ends with the turn, and names it. */
  override get call() {
    return this.effectCall();
  }

  /** The same for an attempt of an effect that is not the first. */
  effectCall(attempt?: number): CallLimits & Pick<CallOptions, "run"> {
    const { runId } = this.plan;
    return { ...super.call, ...(runId === null ? {} : { run: { id: runId, ...(attempt && { attempt }) } }) };
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
