import type { ServerCapabilities } from "../client/open-webui-client.ts";
import type { ProbeCall } from "./probe-http.ts";

/** What a server does, in the words of the case that asks. */
export type ProbeValue = boolean | string | number;

/** What came of a case: what the server does and how that was seen, or why nobody can tell. */
export type CaseOutcome = { value: ProbeValue; evidence: string } | { skipped: string };

/** One question to a server, and the way to its answer. */
export interface ConformanceCase {
  /** Unique. */
  readonly name: string;
  /** The difference between servers that the case shows. */
  readonly capability: string;
  readonly question: string;
  /** May throw: the case has then failed, and the next one begins. */
  run(probe: Probe): Promise<CaseOutcome>;
}

/** A chat that a case made: one question, and the empty answer under it. */
export interface ProbeChat {
  chatId: string;
  userId: string;
  answerId: string;
  question: string;
  /** What `POST chats/new` answered. */
  created: unknown;
}

/** What a case works with. Everything ends with the case's time. */
export interface Probe {
  readonly baseUrl: string;
  readonly token: string;
  readonly model: string;
  /** Whether directives in the question steer the provider's answer. */
  readonly steerable: boolean;
  readonly signal: AbortSignal;
  /** One request; any status is an answer. */
  readonly call: ProbeCall;
  capabilities(): Promise<ServerCapabilities>;
  /** Makes a chat, which the run deletes at its end. @throws ApiError where the server refuses it */
  createChat(question: string, shape?: ChatShape): Promise<ProbeChat>;
  pause(ms: number): Promise<void>;
  /** What `make` gave to the first case of this run that asked for `key`. */
  once<Value>(key: string, make: () => Promise<Value>): Promise<Value>;
}

/** The `chat` of a new chat with one question and its answer. */
export type ChatShape = (ids: {
  userId: string;
  answerId: string;
  question: string;
  model: string;
}) => Record<string, unknown>;
