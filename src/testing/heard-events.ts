import { isJsonObject, parseJson } from "../contract/json-shape.ts";
import { OffstageError } from "../errors.ts";

/** A live event as it came: the name under which it was sent, and its one argument. */
export interface HeardEvent {
  name: string;
  payload: unknown;
}

/** Someone who listens. */
export interface Listener {
  /** Whether the server knows whose events to send: with some tokens it does not. */
  readonly isKnown: boolean;
  /** Grows while the socket is open. */
  readonly events: readonly HeardEvent[];
  close(): void;
}

/*
 * The few packets of engine.io 4 and socket.io 5 that listening takes. A client library would hide the names of events
 * and what servers do against the protocol.
 */
const OPEN = "0";
const PING = "2";
const PONG = "3";
const CONNECT = "40";
const EVENT = "42";
const ACKNOWLEDGED_JOIN = "430";
const REFUSED = "44";

/** Listens as the web UI does: websocket only, then `user-join`. @throws unreachable */
export async function listen(
  target: { baseUrl: string; token: string },
  signal: AbortSignal,
): Promise<Listener> {
  signal.throwIfAborted();
  const url = `${target.baseUrl.replace(/^http/, "ws")}/ws/socket.io/?EIO=4&transport=websocket`;
  const socket = new WebSocket(url);
  const events: HeardEvent[] = [];
  const { promise: joined, resolve, reject } = Promise.withResolvers<boolean>();
  const abort = () => reject(signal.reason);
  const refuse = (why: string) =>
    reject(new OffstageError("unreachable", `No live events from ${url}: ${why}. Let websockets through.`));
  signal.addEventListener("abort", abort, { once: true });
  socket.addEventListener("close", ({ code }) => refuse(`the socket closed with ${code}`));
  socket.addEventListener("error", () => refuse("the socket failed"));
  socket.addEventListener("message", ({ data }) => {
    const packet = String(data);
    if (packet === PING) socket.send(PONG);
    else if (packet.startsWith(REFUSED)) refuse(packet.slice(REFUSED.length));
    else if (packet.startsWith(ACKNOWLEDGED_JOIN)) {
      const [user] = packetItems(packet);
      resolve(isJsonObject(user));
    } else if (packet.startsWith(EVENT)) {
      const [name, payload] = packetItems(packet);
      events.push({ name: String(name), payload });
    } else if (packet.startsWith(CONNECT)) {
      socket.send(`${EVENT}0${JSON.stringify(["user-join", { auth: { token: target.token } }])}`);
    } else if (packet.startsWith(OPEN)) {
      socket.send(CONNECT + JSON.stringify({ token: target.token }));
    }
  });
  const close = () => {
    signal.removeEventListener("abort", abort);
    socket.close();
  };
  try {
    return { isKnown: await joined, events, close };
  } catch (thrown) {
    close();
    throw thrown;
  }
}

function packetItems(packet: string): unknown[] {
  const items = parseJson(packet.slice(packet.indexOf("[")));
  return Array.isArray(items) ? items : [];
}
