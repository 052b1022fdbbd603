import { io } from "socket.io-client";
import type { Target } from "./api.ts";
import { createLiveAnswer, type LiveAnswer, type WireEvent } from "./live-answer.ts";

/** One open page of the target's user: a socket.io connection over websocket. */
export interface LiveSocket {
  readonly id: string;
  /** Bytes of all packets that came, before any compression of the transport. */
  readonly receivedBytes: number;
  /** Resolves with the answer once its done event came. To be called before the answer is asked for. */
  follow(messageId: string, timeoutMs: number): Promise<LiveAnswer>;
  /** From now on calls back with every event, instead of following an answer. */
  hear(listen: (event: WireEvent) => void): void;
  /** Calls back once where the connection ends and `close` did not end it. */
  onLost(lost: () => void): void;
  close(): void;
}

/** Connects and introduces itself as the web UI does; in the spelling of events that is named, else in both. */
export async function connectLiveSocket(
  target: Pick<Target, "baseUrl" | "token">,
  dialect?: "chat-events" | "events",
): Promise<LiveSocket> {
  const { origin } = new URL(target.baseUrl);
  const socket = io(origin, {
    path: "/ws/socket.io",
    transports: ["websocket"],
    auth: { token: target.token, ...(dialect && { dialect }) },
    reconnection: false,
    forceNew: true,
    timeout: 10_000,
  });
  let receivedBytes = 0;
  let listener: (event: WireEvent) => void = () => {};
  socket.io.engine?.on("data", (data) => {
    receivedBytes += typeof data === "string" ? Buffer.byteLength(data) : data.byteLength;
  });
  for (const name of ["chat-events", "events"]) socket.on(name, (event: WireEvent) => listener(event));
  await new Promise<void>((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("connect_error", reject);
  });
  await socket.timeout(10_000).emitWithAck("user-join", { auth: { token: target.token } });
  return {
    id: socket.id!,
    get receivedBytes() {
      return receivedBytes;
    },
    follow(messageId, timeoutMs) {
      const answer = createLiveAnswer(messageId);
      const { promise, resolve, reject } = Promise.withResolvers<LiveAnswer>();
      const timer = setTimeout(() => {
        reject(new Error(`no done event in ${timeoutMs} ms; text so far: ${answer.text.length} characters`));
      }, timeoutMs);
      listener = (event) => {
        answer.take(event, performance.now());
        if (answer.doneAtMs === null) return;
        clearTimeout(timer);
        listener = () => {};
        resolve(answer);
      };
      return promise;
    },
    hear(listen) {
      listener = listen;
    },
    onLost(lost) {
      socket.once("disconnect", (reason) => {
        if (reason !== "io client disconnect") lost();
      });
    },
    close: () => void socket.disconnect(),
  };
}
