import { type LiveEvent, OffstageError } from "../../src/index.ts";
import type { RecordedRequest } from "../support/provider.ts";
import { idNamesIn, type Tape, type TapedCall, type TapeEntry } from "./tape.ts";
import { type LiveCall, TapeIds } from "./tape-ids.ts";

/**
 * Plays the server of a recording. What changes something must be asked for as it was recorded, once each (but stops)
 * and with the same body. Reads may come more or less often: each gets the next state that was read, as far as the
 * changes made so far allow, and the last one again when there is no further.
 */
export class TapePlayer {
  /** What reached the provider so far. */
  readonly asked: RecordedRequest[] = [];
  /** Rejects with how the first request differs from the recording that does; the flow would take it for a bad network. */
  readonly difference: Promise<never>;
  readonly #differ: (how: Error) => void;
  readonly #entries: readonly TapeEntry[];
  readonly #ids = new TapeIds();
  /** The places of all changes that were made, restarts included. */
  readonly #made = new Set<number>();
  /** The furthest place that was reached; nothing before it is read any more. */
  #reached = -1;
  /** The furthest place whose events and provider's requests were told. */
  #told = -1;
  readonly #listeners = new Set<(event: LiveEvent) => void>();
  /** What was told while nobody listens yet; empty while somebody does. */
  #untold: LiveEvent[] = [];

  constructor({ entries }: Tape) {
    this.#entries = entries;
    const { promise, reject } = Promise.withResolvers<never>();
    promise.catch(() => {
      // Whoever plays looks at it; nobody has to.
    });
    this.difference = promise;
    this.#differ = reject;
  }

  /** The network. Rejects where `difference` does. */
  readonly fetch: typeof globalThis.fetch = async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const { method = "GET", body } = init ?? {};
    const live = {
      method,
      path: url.pathname + url.search,
      ...(typeof body === "string" && { body: JSON.parse(body) }),
    };
    init?.signal?.throwIfAborted();
    return answer(this.#reply(live), init?.signal ?? null);
  };

  #reply(live: LiveCall): TapedCall {
    try {
      const place = live.method === "GET" ? this.#read(live) : this.#change(live);
      const call = this.#entries[place] as TapedCall;
      this.#reached = Math.max(this.#reached, place);
      this.#tell();
      return this.#ids.revive(call);
    } catch (thrown) {
      this.#differ(thrown as Error);
      throw thrown;
    }
  }

  /** The server is killed and started again. */
  readonly restart = async (): Promise<void> => {
    const place = this.#entries.findIndex(({ kind }, index) => kind === "restart" && !this.#made.has(index));
    if (place === -1) throw new Error("The recording has no further restart.");
    this.#made.add(place);
    this.#reached = Math.max(this.#reached, place);
  };

  /** Live events from where the last listener left on; the connection's beginning and end are among them. */
  listen(listener: (event: LiveEvent) => void): () => void {
    this.#listeners.add(listener);
    for (const event of this.#untold.splice(0)) listener(event);
    return () => void this.#listeners.delete(listener);
  }

  /** The recorded changes that nobody asked for. */
  missing(): string[] {
    return this.#entries.flatMap((entry, place) => (this.#isDue(entry, place) ? [saidEntry(entry)] : []));
  }

  #change(live: LiveCall): number {
    const known = this.#entries.flatMap((entry, place) =>
      entry.kind === "call" && isChange(entry) && this.#ids.fitsPath(live, entry) ? [{ entry, place }] : [],
    );
    const open = known.filter(({ place }) => !this.#made.has(place));
    const repeated = known.findLast(({ entry }) => isStop(entry));
    if (open.length === 0 && repeated !== undefined) return repeated.place;
    const found = open.find(({ entry }) => this.#ids.learn(live, entry));
    if (found === undefined) {
      if (open[0] !== undefined) this.#ids.assertSame(live, open[0].entry);
      throw new Error(`The recording has no further ${live.method} ${live.path}.`);
    }
    this.#made.add(found.place);
    return found.place;
  }

  #read(live: LiveCall): number {
    const states = this.#entries.flatMap((entry, place) =>
      entry.kind === "call" && this.#ids.fitsPath(live, entry) ? [{ entry, place }] : [],
    );
    const first = states[0];
    if (first === undefined) throw new Error(`The recording has no ${live.method} ${live.path}.`);
    this.#ids.learn(live, first.entry);
    const changes = this.#changesOf(first.entry);
    const lastMade = Math.max(-1, ...changes.filter((place) => this.#made.has(place)));
    const due = changes.filter((place) => this.#isDue(this.#entries[place]!, place));
    const firstOpen = Math.min(...due, this.#entries.length);
    const allowed = states.filter(({ place }) => place > lastMade && place < firstOpen);
    const next = allowed.find(({ place }) => place > this.#reached) ?? allowed.at(-1);
    return (next ?? states.findLast(({ place }) => place < firstOpen) ?? first).place;
  }

  /** Whether a change still has to be made. A stop is asked for as often as it takes, so once is enough. */
  #isDue(entry: TapeEntry, place: number): boolean {
    if (!isChange(entry) || this.#made.has(place)) return false;
    if (!isStop(entry)) return true;
    return !this.#entries.some((other, at) => this.#made.has(at) && saidEntry(other) === saidEntry(entry));
  }

  /** The places of all changes that may show in what the call reads. */
  #changesOf({ path }: TapedCall): number[] {
    const names = idNamesIn(path);
    return this.#entries.flatMap((entry, place) => {
      if (!isChange(entry)) return [];
      const touchesAll = entry.kind === "restart" || isStop(entry);
      const touched = touchesAll || names.some((name) => JSON.stringify(entry).includes(name));
      return touched ? [place] : [];
    });
  }

  /** Tells what had happened when this place was recorded, up to the next call. */
  #tell(): void {
    const ahead = this.#entries.findIndex(
      ({ kind }, place) => place > this.#reached && (kind === "call" || kind === "restart"),
    );
    const until = ahead === -1 ? this.#entries.length : ahead;
    for (const entry of this.#entries.slice(this.#told + 1, until)) {
      if (entry.kind === "asked") this.asked.push(requestOf(this.#ids.revive(entry)));
      if (entry.kind === "heard") setImmediate(() => this.#hear(entry));
    }
    this.#told = Math.max(this.#told, until - 1);
  }

  #hear(entry: TapeEntry & { kind: "heard" }): void {
    const { event: heard } = this.#ids.revive(entry);
    const event: LiveEvent =
      heard.type === "closed" ? { type: "closed", error: lostConnection(heard.failure) } : heard;
    // Whoever listened had left.
    if (event.type === "closed" && event.error === null) return;
    if (this.#listeners.size === 0) this.#untold.push(event);
    for (const listener of [...this.#listeners]) listener(event);
  }
}

/** Null where the client itself ended the connection. */
function lostConnection(failure: string | null): OffstageError | null {
  return failure === null ? null : new OffstageError("unreachable", failure);
}

function isChange(entry: TapeEntry): boolean {
  return entry.kind === "restart" || (entry.kind === "call" && entry.method !== "GET");
}

function isStop(entry: TapeEntry): boolean {
  return entry.kind === "call" && entry.method === "POST" && /^\/api\/tasks\/.*stop/.test(entry.path);
}

function saidEntry(entry: TapeEntry): string {
  return entry.kind === "call" ? `${entry.method} ${entry.path}` : entry.kind;
}

async function answer(call: TapedCall, signal: AbortSignal | null): Promise<Response> {
  const { failure, status = 200, contentType = "application/json", reply } = call;
  if (failure === "aborted" && signal !== null) {
    await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  }
  if (failure !== undefined) {
    throw new TypeError("fetch failed", { cause: Object.assign(new Error(failure), { code: failure }) });
  }
  const text = contentType === "application/json" ? JSON.stringify(reply) : String(reply);
  return new Response(text, { status, headers: { "content-type": contentType } });
}

function requestOf({ body, tokensSent, clientClosed }: TapeEntry & { kind: "asked" }): RecordedRequest {
  return {
    method: "POST",
    path: "/chat/completions",
    headers: {},
    body,
    clientPort: 0,
    tokensSent,
    clientClosed,
    closed: Promise.resolve(),
  };
}
