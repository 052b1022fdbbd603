import type { Socket } from "socket.io-client";
import { isJsonObject } from "../contract/json-shape.ts";
import { createLiveDecoder, LIVE_EVENT_NAMES, PREFERRED_DIALECT } from "../contract/live-decoding.ts";
import { asOffstageError, OffstageError } from "../errors.ts";
import type { LiveEvent } from "./client-interface.ts";
import { createEventQueue, type EventQueue } from "./event-queue.ts";

/** Above the 25 s for which servers hold a long poll; a poll that nobody answers must not last for ever. */
const LONGEST_POLL_MS = 60_000;

export interface LiveConnectionOptions {
  baseUrl: string;
  /** The token of who listens; a server tells nothing to a socket without one. */
  token: () => Promise<string | null>;
  /** For connecting, and for the server's word on who listens. */
  timeoutMs: number;
  signal?: AbortSignal;
}

/**
 * One connection: `connected`, what happens in the user's chats, `closed`. It does not connect again: what happened
 * in between is lost anyway, and a reader must look at the stored chat.
 */
export async function* openLiveEvents(options: LiveConnectionOptions): AsyncGenerator<LiveEvent> {
  const { signal } = options;
  const queue = createEventQueue();
  const close = (error: OffstageError | null) => queue.push({ type: "closed", error });
  const onAbort = () => close(null);
  signal?.addEventListener("abort", onAbort, { once: true });
  if (signal?.aborted) onAbort();
  const connecting = signal?.aborted
    ? Promise.resolve(null)
    : connect(options, queue).catch((thrown) => {
        close(asOffstageError(thrown));
        return null;
      });
  try {
    for (;;) {
      const event = await queue.next();
      yield event;
      if (event.type === "closed") return;
    }
  } finally {
    signal?.removeEventListener("abort", onAbort);
    void connecting.then((socket) => socket?.disconnect());
  }
}

async function connect(options: LiveConnectionOptions, queue: EventQueue): Promise<Socket> {
  const token = await options.token();
  const { io } = await import("socket.io-client");
  const { origin, pathname } = new URL(options.baseUrl);
  const socket = io(origin, {
    path: `${pathname.replace(/\/$/, "")}/ws/socket.io`,
    // Open WebUI refuses long polling where it has websockets, and drops bursts over it.
    transports: ["websocket", "polling"],
    tryAllTransports: true,
    auth: { token, dialect: PREFERRED_DIALECT },
    timeout: options.timeoutMs,
    requestTimeout: LONGEST_POLL_MS,
    reconnection: false,
    forceNew: true,
  });
  const close = (error: OffstageError) => queue.push({ type: "closed", error });
  const decode = createLiveDecoder();
  /** The name under which this server sends; one that sends under both says everything twice. */
  let dialect: string | null = null;
  for (const name of LIVE_EVENT_NAMES) {
    socket.on(name, (wireEvent: unknown) => {
      dialect ??= name;
      if (name === dialect) decode(wireEvent).forEach(queue.push);
    });
  }
  socket.once("connect_error", (cause) => {
    close(
      new OffstageError(
        "unreachable",
        `No live events from ${options.baseUrl}: ${cause.message}. Read the stored chat instead; check that a proxy in between lets websockets through.`,
        { cause },
      ),
    );
  });
  socket.once("disconnect", (reason) => {
    close(
      new OffstageError(
        "unreachable",
        `The live events of ${options.baseUrl} ended: ${reason}. Read the stored chat instead.`,
      ),
    );
  });
  socket.once("connect", () => {
    // A socket with a bad token connects all the same and hears nothing: only the answer to this shows who listens.
    const join = socket.timeout(options.timeoutMs);
    join.emit("user-join", { auth: { token } }, (late: Error | null, user: unknown) => {
      if (late) close(noAnswerToJoin(options, late));
      else if (isJsonObject(user)) queue.push({ type: "connected", sessionId: socket.id ?? "" });
      else close(nobodyListens(options.baseUrl));
    });
  });
  return socket;
}

function nobodyListens(baseUrl: string): OffstageError {
  return new OffstageError(
    "unauthorized",
    `${baseUrl} does not know whose live events to send. Use the token of a signed-in user: most servers take no API key here.`,
  );
}

function noAnswerToJoin({ baseUrl, timeoutMs }: LiveConnectionOptions, cause: unknown): OffstageError {
  return new OffstageError(
    "timed_out",
    `${baseUrl} did not say within ${timeoutMs} ms whose live events it sends. Read the stored chat instead.`,
    { cause },
  );
}
