import { setTimeout as sleep } from "node:timers/promises";
import { type Api, connectApi, type Target } from "./api.ts";
import { processorMs } from "./child-process.ts";
import {
  completionBody,
  EXPECTED_ANSWER,
  type InputMessage,
  newTurnIds,
  POSTED_TITLE,
  QUESTION,
  type TurnIds,
  tutorialChats,
} from "./inputs.ts";
import { median, type Percentiles, percentilesOf } from "./statistics.ts";

/** The tutorial's steps that take time (step 2 happens in the caller's memory), and the whole. */
export const STEPS = [
  "1 create",
  "3 save placeholder",
  "4 trigger",
  "5 wait",
  "6 complete",
  "7 fetch",
  "flow",
] as const;
export type Step = (typeof STEPS)[number];

export interface FlowPlan {
  concurrency: number;
  warmUpFlows: number;
  flows: number;
  rounds: number;
  pollMs: number;
}

/** Medians over the rounds; counts over all of them. */
export interface FlowFigures {
  concurrency: number;
  flows: number;
  rounds: number;
  flowsPerSecond: number;
  steps: Record<Step, Percentiles>;
  pollsPerFlow: number;
  /** Processor time of the server's process; null for a process that is not known. */
  serverMsPerFlow: number | null;
  lateTitles: number;
  /** How often each error was seen, by its message. */
  errors: Record<string, number>;
}

/** What many flows together came to. */
export interface Round {
  wallMs: number;
  serverMs: number | null;
  samples: Record<Step, number[]>;
  polls: number;
  lateTitles: number;
  errors: Map<string, number>;
}

/** Whom a worker drives flows as. */
export interface Lane {
  target: Target;
  api: Api;
}

/** A turn whose chat the server has acknowledged. */
export interface BegunTurn {
  chatId: string;
  question: string;
  ids: TurnIds;
}

export interface Drive {
  concurrency: number;
  pollMs: number;
  /** Flows that are begun at most. */
  flows: number;
  /** None begins after this, by `performance.now()`. */
  untilMs?: number;
  /** Once it is aborted none begins, and what fails is no error: the server is gone. */
  cut?: AbortSignal;
  /** Told of each step that the server has acknowledged. */
  acknowledged?: (step: Step, turn: BegunTurn, lane: Lane) => void;
}

const FLOW_TIMEOUT_MS = 30_000;

/** Drives flows over kept connections, one a worker, and checks the end of each. */
export async function measureFlows(target: Target, plan: FlowPlan): Promise<FlowFigures> {
  const api = connectApi(target, plan.concurrency);
  const drive = (flows: number) => driveFlows([{ target, api }], { ...plan, flows });
  try {
    await drive(plan.warmUpFlows);
    const rounds: Round[] = [];
    while (rounds.length < plan.rounds) rounds.push(await drive(plan.flows));
    return summarise(rounds, plan);
  } finally {
    await api.close();
  }
}

/** Drives flows by workers, who take the lanes in turn; `serverMs` is of the first lane's server. */
export async function driveFlows(lanes: readonly Lane[], drive: Drive): Promise<Round> {
  const round: Round = {
    wallMs: 0,
    serverMs: null,
    samples: emptySamples(),
    polls: 0,
    lateTitles: 0,
    errors: new Map(),
  };
  const { untilMs = Number.POSITIVE_INFINITY, cut } = drive;
  let left = drive.flows;
  const { pid } = lanes[0]!.target;
  const serverMs = () => (pid === null || cut?.aborted ? null : processorMs(pid));
  const usedBefore = await serverMs();
  const startedAtMs = performance.now();
  async function work(lane: Lane): Promise<void> {
    while (left > 0 && performance.now() < untilMs && !cut?.aborted) {
      left -= 1;
      try {
        await driveFlow(lane, drive, round);
      } catch (error) {
        if (cut?.aborted) return;
        const message = nameOfError(error);
        round.errors.set(message, (round.errors.get(message) ?? 0) + 1);
      }
    }
  }
  await Promise.all(
    Array.from({ length: drive.concurrency }, (_, index) => work(lanes[index % lanes.length]!)),
  );
  round.wallMs = performance.now() - startedAtMs;
  const usedAfter = await serverMs();
  if (usedBefore !== null && usedAfter !== null) round.serverMs = usedAfter - usedBefore;
  return round;
}

/** The tutorial's steps 1, 3 and 4; tells of each once it is acknowledged. */
export async function beginTurn(
  { api, target: { model } }: Lane,
  question: string,
  acknowledged: (step: Step, turn: BegunTurn) => void,
): Promise<BegunTurn> {
  const ids = newTurnIds();
  const { created, enriched } = tutorialChats(ids, { model, question, nowMs: Date.now() });
  const { id: chatId } = (await api.call("POST", "/api/v1/chats/new", { chat: created })) as { id: string };
  const turn = { chatId, question, ids };
  acknowledged("1 create", turn);
  await api.call("POST", `/api/v1/chats/${chatId}`, { chat: { id: chatId, ...enriched } });
  acknowledged("3 save placeholder", turn);
  await api.call(
    "POST",
    "/api/chat/completions",
    completionBody(ids, { chatId, model, question, titleGeneration: true }),
  );
  acknowledged("4 trigger", turn);
  return turn;
}

async function driveFlow(lane: Lane, drive: Drive, round: Round): Promise<void> {
  const { api, target } = lane;
  const startedAtMs = performance.now();
  const times: number[] = [startedAtMs];
  const acknowledged = (step: Step, turn: BegunTurn) => {
    times.push(performance.now());
    drive.acknowledged?.(step, turn, lane);
  };

  const turn = await beginTurn(lane, QUESTION, acknowledged);
  const { chatId, ids } = turn;
  const deadlineMs = performance.now() + FLOW_TIMEOUT_MS;
  for (;;) {
    const record = (await api.call("GET", `/api/v1/chats/${chatId}`)) as FlowRecord;
    round.polls += 1;
    if (answerIn(record, ids.answerId).content) break;
    if (performance.now() > deadlineMs) throw new Error("5 wait: no answer in time");
    await sleep(drive.pollMs);
  }
  acknowledged("5 wait", turn);
  await api.call("POST", "/api/chat/completed", {
    chat_id: chatId,
    id: ids.answerId,
    session_id: ids.sessionId,
    model: target.model,
  });
  acknowledged("6 complete", turn);
  const record = (await api.call("GET", `/api/v1/chats/${chatId}`)) as FlowRecord;
  const flaw = flawOf(record, ids, target.keepsTutorial);
  if (flaw !== null) throw new Error(`7 fetch: ${flaw}`);
  acknowledged("7 fetch", turn);

  if (record.title === POSTED_TITLE) round.lateTitles += 1;
  for (const [index, step] of STEPS.slice(0, -1).entries()) {
    round.samples[step].push(times[index + 1]! - times[index]!);
  }
  round.samples.flow.push(times.at(-1)! - startedAtMs);
}

/** What a flow reads of a chat's record. */
export interface FlowRecord {
  id: string;
  title: string;
  chat: {
    title: string;
    messages: InputMessage[];
    history: {
      currentId?: string | null;
      current_id?: string | null;
      messages: Record<string, InputMessage>;
    };
  };
}

/** The answer as the tutorial's poll sees it: in `chat.messages[]`, or, as the real server has it, in the history. */
function answerIn(record: FlowRecord, answerId: string): Partial<InputMessage> {
  const listed = record.chat.messages.find((message) => message.id === answerId);
  return listed?.content ? listed : (record.chat.history.messages[answerId] ?? {});
}

/**
 * What is wrong with a record at the end of a flow, or null: the answer's text is right, and the branch from the current
 * message leads through the answer to the user's message; with `keepsTutorial` also a generated title, the text in
 * `chat.messages[]`, and `done`.
 */
export function flawOf(
  record: FlowRecord,
  ids: { userId: string; answerId: string },
  keepsTutorial: boolean,
): string | null {
  const { messages: listed, history } = record.chat;
  const stored = history.messages[ids.answerId];
  if (!stored?.content.includes(EXPECTED_ANSWER)) return "the answer's text is not the expected one";
  const branch = branchFrom(history.messages, history.currentId ?? history.current_id);
  if (branch[0] !== ids.answerId) return "the answer is not the current message";
  if (!branch.includes(ids.userId)) return "the user's message is not on the branch";
  if (!keepsTutorial) return null;
  if (record.title === POSTED_TITLE || record.title === "") return "the title is not a generated one";
  if (record.chat.title !== record.title) return "the chat's title is not the record's";
  if (!listed.find((message) => message.id === ids.answerId)?.content.includes(EXPECTED_ANSWER)) {
    return "the answer's text is not in chat.messages[]";
  }
  return stored.done === true ? null : "the answer does not say done";
}

function branchFrom(messages: Record<string, InputMessage>, currentId: string | null | undefined): string[] {
  const branch: string[] = [];
  let id = currentId;
  while (id && messages[id] !== undefined && !branch.includes(id)) {
    branch.push(id);
    id = messages[id]!.parentId;
  }
  return branch;
}

function emptySamples(): Record<Step, number[]> {
  return Object.fromEntries(STEPS.map((step) => [step, [] as number[]])) as Record<Step, number[]>;
}

function nameOfError(error: unknown): string {
  const message = error instanceof Error ? error.message || error.name : String(error);
  return message.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, "…");
}

/** Medians over rounds. */
export function summarise(
  rounds: readonly Round[],
  plan: Pick<FlowPlan, "concurrency" | "flows" | "rounds">,
): FlowFigures {
  const ofSteps = rounds.map((round) =>
    Object.fromEntries(STEPS.map((step) => [step, percentilesOf(round.samples[step])])),
  ) as Record<Step, Percentiles>[];
  const steps = Object.fromEntries(
    STEPS.map((step) => {
      const over = (figure: keyof Percentiles) => median(ofSteps.map((round) => round[step][figure]));
      const figures: Percentiles = {
        count: over("count"),
        p50: over("p50"),
        p95: over("p95"),
        p99: over("p99"),
        max: over("max"),
      };
      return [step, figures];
    }),
  ) as Record<Step, Percentiles>;
  const errors: Record<string, number> = {};
  for (const round of rounds) {
    for (const [message, count] of round.errors) errors[message] = (errors[message] ?? 0) + count;
  }
  const sum = (figure: (round: Round) => number) => rounds.reduce((total, round) => total + figure(round), 0);
  const finished = sum((round) => round.samples.flow.length);
  return {
    concurrency: plan.concurrency,
    flows: plan.flows,
    rounds: plan.rounds,
    flowsPerSecond: median(rounds.map((round) => (round.samples.flow.length * 1000) / round.wallMs)),
    steps,
    pollsPerFlow: sum((round) => round.polls) / Math.max(1, finished),
    serverMsPerFlow: rounds.every(({ serverMs }) => serverMs !== null)
      ? sum((round) => round.serverMs!) / Math.max(1, finished)
      : null,
    lateTitles: sum((round) => round.lateTitles),
    errors,
  };
}
