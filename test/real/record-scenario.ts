import {
  createOffstage,
  createOpenWebUiClient,
  type LiveEvent,
  type Offstage,
  type OpenWebUiClient,
} from "../../src/index.ts";
import { runScenario } from "./run-scenario.ts";
import { completionsOf, type RealStage } from "./stage.ts";
import { normaliseTape, SOME_HTML, type Tape, type TapedCall, type TapeEntry } from "./tape.ts";

/** Runs a scenario on the real server, and resolves with all that its clients asked and heard. Rejects as the scenario does. */
export async function recordScenario(stage: RealStage, name: string): Promise<Tape> {
  const entries: TapeEntry[] = [];
  const network = globalThis.fetch;
  /** The provider's completions that are on the tape, in the order in which they came. */
  const asked: (TapeEntry & { kind: "asked" })[] = [];
  const takeAsked = () => {
    for (const { body } of completionsOf(stage.provider).slice(asked.length)) {
      const entry = { kind: "asked" as const, body: body!, tokensSent: 0, clientClosed: false };
      asked.push(entry);
      entries.push(entry);
    }
  };
  const recordingFetch: typeof fetch = async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    if (url.origin !== new URL(stage.baseUrl).origin || !url.pathname.startsWith("/api"))
      return network(input, init);
    takeAsked();
    const call = startCall(url, init);
    entries.push(call);
    try {
      const response = await network(input, init);
      return await endCall(call, response);
    } catch (thrown) {
      call.failure = init?.signal?.aborted ? "aborted" : failureOf(thrown);
      throw thrown;
    }
  };
  const all: Offstage[] = [];
  const connect = (fetch: typeof globalThis.fetch) => {
    const client = createOpenWebUiClient({ baseUrl: stage.baseUrl, token: stage.token, fetch });
    const offstage = createOffstage({ client: { ...client, liveEvents: recordingEvents(client, entries) } });
    all.push(offstage);
    return offstage;
  };
  const restart = () => {
    entries.push({ kind: "restart" });
    return stage.restart();
  };
  // Scenarios send what they want to see themselves by the network of all.
  globalThis.fetch = recordingFetch;
  try {
    await runScenario({ ...stage, offstage: connect(recordingFetch), connect, restart }, name);
  } finally {
    globalThis.fetch = network;
    await Promise.all(all.map((offstage) => offstage.close()));
  }
  takeAsked();
  completionsOf(stage.provider).forEach(({ tokensSent, clientClosed }, index) => {
    Object.assign(asked[index]!, { tokensSent, clientClosed });
  });
  return normaliseTape({ notes: stage.takeNotes(), entries });
}

/** The client's live events, each recorded as it is heard. */
function recordingEvents(
  client: OpenWebUiClient,
  entries: TapeEntry[],
): (options?: { signal?: AbortSignal }) => AsyncGenerator<LiveEvent> {
  return async function* (options) {
    for await (const event of client.liveEvents(options)) {
      const { type } = event;
      const heard = type === "closed" ? { type, failure: event.error?.message ?? null } : event;
      entries.push({ kind: "heard", event: heard });
      yield event;
    }
  };
}

function startCall(url: URL, init: RequestInit | undefined): TapedCall {
  const { method = "GET", body } = init ?? {};
  const call: TapedCall = { kind: "call", method, path: url.pathname + url.search };
  return typeof body === "string" ? { ...call, body: JSON.parse(body) } : call;
}

/** Keeps the reply, and gives the client one that was not read yet. */
async function endCall(call: TapedCall, response: Response): Promise<Response> {
  const text = await response.text();
  const { status } = response;
  call.status = status;
  const contentType = response.headers.get("content-type")?.split(";")[0] ?? "";
  if (contentType === "application/json") call.reply = JSON.parse(text);
  else {
    call.contentType = contentType;
    call.reply = contentType === "text/html" ? SOME_HTML : text;
  }
  return new Response(text === "" ? null : text, { status, headers: response.headers });
}

function failureOf(thrown: unknown): string {
  const cause = thrown instanceof Error ? thrown.cause : undefined;
  return cause instanceof Error && "code" in cause ? String(cause.code) : "ECONNRESET";
}
