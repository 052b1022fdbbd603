import { expect } from "vitest";
import { branch, forestOfHistory, validateForest } from "../../src/chat-tree/index.ts";
import {
  createOpenWebUiClient,
  type LiveEvent,
  type OpenWebUiClientOptions,
} from "../../src/client/open-webui-client.ts";
import { answerText } from "../../src/contract/answer-decoding.ts";
import type { AskInput } from "../../src/flow/ask-input.ts";
import { countQueuedChats } from "../../src/flow/chat-queue.ts";
import { createOffstage, type Offstage } from "../../src/flow/create-offstage.ts";
import { storedForest } from "../../src/flow/place-turn.ts";
import { createFakeClock, type FakeClock } from "./fake-clock.ts";
import { FakeOpenWebUi } from "./fake-open-webui.ts";
import { type FakeBehaviour, VERSIONS } from "./fake-versions.ts";

export const QUESTION = "what is the capital of France?";
export const ANSWER = `You asked: ${QUESTION}`;
export const OLDEST = versionOf("0.6.15");
export const NEWEST = versionOf("0.12.4");
export const OURS = VERSIONS.find(({ offstage }) => offstage !== undefined) as FakeBehaviour;

export type LiveSource = (signal: AbortSignal | undefined) => AsyncIterable<LiveEvent>;

export interface FlowStage {
  clock: FakeClock;
  server: FakeOpenWebUi;
  offstage: Offstage;
}

const open = new Set<FlowStage>();

/** The real client and flow against a server in memory, on a clock that nobody waits for. Live events only as given. */
export function openStage(
  behaviour: FakeBehaviour = NEWEST,
  live: LiveSource = noLiveEvents,
  existing?: Pick<FlowStage, "clock" | "server">,
  account: Pick<OpenWebUiClientOptions, "token" | "credentials"> = { token: "t" },
): FlowStage {
  const clock = existing?.clock ?? createFakeClock();
  const server = existing?.server ?? new FakeOpenWebUi(behaviour, clock);
  const { fetch, baseUrl } = server;
  const client = createOpenWebUiClient({ ...account, baseUrl, fetch, clock, random: () => 0.5 });
  const offstage = createOffstage({
    client: { ...client, liveEvents: (options) => live(options?.signal) },
    fetch,
    clock,
  });
  const stage = { clock, server, offstage };
  open.add(stage);
  return stage;
}

/** Closes what tests opened, and proves that nothing is left over. */
export async function closeStages(): Promise<void> {
  for (const { offstage } of open) await offstage.close();
  open.clear();
  expect(countQueuedChats()).toBe(0);
}

export function askInput(input: Partial<AskInput> = {}): AskInput {
  return { model: "gpt-4o", content: QUESTION, ...input };
}

/** The texts from the root to the current message of the (only) chat, which is proved to be a forest. */
export function shownBranch(server: FakeOpenWebUi, chatId?: string): string[] {
  const record = chatId === undefined ? [...server.chats.values()][0] : server.chats.get(chatId);
  if (record === undefined) return [];
  const history = { ...record.chat.history, currentId: record.chat.history.currentId ?? null };
  expect(validateForest(forestOfHistory(history))).toEqual([]);
  return branch(storedForest({ messages: [], history })).map((message) => answerText(message));
}

export function versionOf(version: string): FakeBehaviour {
  return VERSIONS.find((behaviour) => behaviour.version === version) as FakeBehaviour;
}

async function* noLiveEvents(): AsyncIterable<LiveEvent> {
  yield { type: "closed", error: null };
}
