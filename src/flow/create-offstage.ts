import { randomUUID } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import {
  type ClientClock,
  createOpenWebUiClient,
  type OpenWebUiClient,
} from "../client/open-webui-client.ts";
import { OffstageError } from "../errors.ts";
import type { Answer } from "./answer.ts";
import { type AskInput, planTurn } from "./ask-input.ts";
import type { FlowClient } from "./flow-client.ts";
import { createLiveHub } from "./live-hub.ts";
import { readServerProfile, type ServerProfile } from "./server-profile.ts";
import { startTurn, type Turn } from "./turn.ts";

export interface OffstageOptions<Client extends FlowClient = OpenWebUiClient> {
  /** Where the Open WebUI is: `https://chat.example.org`. */
  baseUrl?: string;
  token?: string;
  apiKey?: string;
  credentials?: { email: string; password: string };
  /** A client of one's own, instead of the four above. */
  client?: Client;
  fetch?: typeof globalThis.fetch;
  clock?: ClientClock;
  newId?: () => string;
}

/** Asks an Open WebUI, so that people see it there. */
export interface Offstage<Client extends FlowClient = OpenWebUiClient> {
  /**
   * Asks a question; the turn starts at once.
   * @throws bad_input for what cannot be asked.
   */
  ask<Output = unknown>(input: AskInput<Output>): Turn<Output>;
  /** What the server understands and which way turns go on it; looked at once, without calling a model. */
  capabilities(): Promise<ServerProfile>;
  readonly client: Client;
  /** Ends every running turn here (`cancelled`); the server goes on with them. Resolves when nothing runs any more. */
  close(): Promise<void>;
}

const SYSTEM_CLOCK: ClientClock = {
  nowMs: () => Date.now(),
  sleep: (ms, signal) => setTimeout(ms, undefined, signal ? { signal } : {}),
};

/** @throws bad_input without a base URL or a client. */
export function createOffstage<Client extends FlowClient = OpenWebUiClient>(
  options: OffstageOptions<Client>,
): Offstage<Client> {
  const { clock = SYSTEM_CLOCK, newId = randomUUID } = options;
  const client = options.client ?? (connect(options) as FlowClient as Client);
  const closed = new AbortController();
  const running = new Set<Turn>();
  const live = createLiveHub(client);
  const ask = (input: AskInput): Turn => {
    if (closed.signal.aborted)
      throw new OffstageError("cancelled", "This Offstage was closed; create another.");
    const turn = startTurn({
      context: { client, clock, newId, live },
      plan: planTurn(input, newId),
      json: {
        schema: input.schema,
        reask: input.reask ?? false,
        ask: async (model, messageId, content) => {
          const { chatId } = await turn.answer();
          const { system, params, wait, timeoutMs, signal } = input;
          const again = { system, params, wait, timeoutMs, signal };
          return (await ask({ ...again, model, chatId, parentId: messageId, content }).answer()).text;
        },
      },
      closed: closed.signal,
      signal: input.signal,
    });
    running.add(turn);
    const over = () => running.delete(turn);
    turn.answer().then(over, over);
    return turn;
  };

  return {
    ask: <Output>(input: AskInput<Output>) => ask(input) as Turn<Output>,
    capabilities: () => readServerProfile(client, { signal: closed.signal }),
    client,
    close: async () => {
      closed.abort();
      await Promise.allSettled([...running].map((turn): Promise<Answer> => turn.answer()));
    },
  };
}

function connect({
  baseUrl,
  token,
  apiKey,
  credentials,
  fetch,
  clock,
}: OffstageOptions<FlowClient>): OpenWebUiClient {
  if (baseUrl === undefined) {
    throw new OffstageError("bad_input", "Neither baseUrl nor client is given. Say where the Open WebUI is.");
  }
  const given = { token, apiKey, credentials, fetch, clock };
  const options = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  return createOpenWebUiClient({ baseUrl, ...options });
}
