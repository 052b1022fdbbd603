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
  close(): void;
}

/** Connects and introduces itself as the web UI does. */
export async function connectLiveSocket(target: Target): Promise<LiveSocket> {
  const { origin } = new URL(target.baseUrl);
  const socket = io(origin, {
    path: "/ws/socket.io",
    transports: ["websocket"],
    auth: { token: target.token },
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
    close: () => void socket.disconnect(),
  };
}
