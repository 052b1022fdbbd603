import { deepEqual, equal } from "node:assert/strict";
import { branch, forestOfHistory, validateForest } from "../../src/chat-tree/index.ts";
import { answerText } from "../../src/contract/answer-decoding.ts";
import { contentText } from "../../src/contract/content-text.ts";
import type { StoredChat } from "../../src/contract/stored-chat.ts";
import { storedForest } from "../../src/flow/place-turn.ts";
import { type AskInput, createOffstage, type Offstage } from "../../src/index.ts";
import { type RecordedRequest, startProvider, type TestProvider } from "../support/provider.ts";
import { isTaskPrompt, lastUserText, OPENAI_FIELDS } from "../support/provider-answer.ts";
import { type ServerCommand, type ServerProcess, startServerProcess } from "./server-process.ts";

/** A running server with a strict provider behind it, and its first user's Offstage. */
export interface RealStage {
  baseUrl: string;
  /** The first user's. */
  token: string;
  offstage: Offstage;
  provider: TestProvider;
  /** Another Offstage of the same user, whose every call goes through `fetch`. */
  connect(fetch: typeof globalThis.fetch): Offstage;
  /** SIGKILL and a second start on the same data. */
  restart(): Promise<void>;
  /** What the scenario saw where more than one outcome is right. */
  note(text: string): void;
  /** The notes since the last call. */
  takeNotes(): string;
  close(): Promise<void>;
}

/** What has to hold on every server, ours included. Rejects where it does not. */
export type Scenario = (stage: RealStage) => Promise<void>;

export const MODEL = "gpt-4o";
export const OTHER_MODEL = "gpt-4o-mini";
const ACCOUNT = { name: "owner", email: "owner@example.org", password: "correct horse battery" };

/** Starts the provider and the server on it, and signs the first user up. */
export async function openRealStage(
  commandFor: (providerUrl: string) => Promise<ServerCommand>,
): Promise<RealStage> {
  const provider = await startProvider({ strict: true });
  let server: ServerProcess | undefined;
  const all = new Set<Offstage>();
  const close = async () => {
    await Promise.all([...all].map((offstage) => offstage.close()));
    await server?.stop();
    await provider.close();
  };
  try {
    server = await startServerProcess(await commandFor(provider.url));
    const { url: baseUrl, restart } = server;
    const offstage = createOffstage({ baseUrl });
    all.add(offstage);
    const { token } = await offstage.client.signUp(ACCOUNT);
    if (token === null) throw new Error("The server signed the first user up, but gave no token.");
    let notes: string[] = [];
    return {
      baseUrl,
      token,
      offstage,
      provider,
      connect(fetch) {
        const another = createOffstage({ baseUrl, token, fetch });
        all.add(another);
        return another;
      },
      restart,
      note: (text) => void notes.push(text),
      takeNotes() {
        const taken = notes.join("; ");
        notes = [];
        return taken;
      },
      close,
    };
  } catch (thrown) {
    await close();
    throw thrown;
  }
}

/** A question with waiting times that fit tests; the server makes no title unless asked. */
export function question(content: string, more: Partial<AskInput> = {}): AskInput {
  const model = more.models === undefined ? { model: MODEL } : {};
  return { ...model, content, title: "A test", timeoutMs: 30_000, pollCapMs: 500, ...more };
}

/** The stored chat, which is proved to be a forest with a current message. */
export async function forestChat(stage: RealStage, chatId: string): Promise<StoredChat> {
  const record = await stage.offstage.client.getChat(chatId);
  deepEqual(validateForest(forestOfHistory(record.chat.history)), []);
  return record;
}

/** Proves that the chat is a forest, and that the branch it shows has these texts from the first question on. */
export async function expectBranch(
  stage: RealStage,
  chatId: string,
  texts: readonly string[],
): Promise<StoredChat> {
  const record = await forestChat(stage, chatId);
  const shown = branch(storedForest(record.chat));
  const read = shown.map((message) =>
    message.role === "assistant" ? answerText(message) : contentText(message.content as string),
  );
  deepEqual(read, texts);
  deepEqual(
    shown.map(({ role }) => role),
    texts.map((_, index) => (index % 2 === 0 ? "user" : "assistant")),
  );
  return record;
}

/** What the test provider answers to a question as the n-th message of a conversation. */
export function expectedAnswer(content: string, messageCount = 1, model = MODEL): string {
  return `You said: ${content.slice(0, 60)} (${model}, ${messageCount} messages)`;
}

/** The completions that the provider was asked for, without those of titles and the like, and without embeddings. */
export function completionsOf(provider: TestProvider): RecordedRequest[] {
  return provider.requests.filter(
    ({ body, path }) =>
      body !== undefined && !isEmbedding(path) && !isTaskPrompt(lastUserText(body.messages)),
  );
}

function isEmbedding(path: string): boolean {
  return path.endsWith("/embeddings");
}

/** Proves that nothing but OpenAI's fields reached the provider, and no tool that nobody asked for. */
export function expectNoLeak(provider: TestProvider): void {
  for (const { body, path } of provider.requests) {
    if (isEmbedding(path)) continue;
    const leaked = Object.keys(body ?? {}).filter((field) => !OPENAI_FIELDS.has(field));
    deepEqual(leaked, [], `fields that reached the provider by ${path}`);
    equal(body?.tools, undefined, "tools reached the provider that nobody asked for");
  }
}
