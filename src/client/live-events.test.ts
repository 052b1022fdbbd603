import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Server, type Socket } from "socket.io";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { collect } from "../../test/support/collect.ts";
import { type RecordedEvent, readRecording } from "../../test/support/recordings.ts";
import { createOpenWebUiClient, type LiveEvent } from "./open-webui-client.ts";

let io: Server;
let baseUrl: string;
let close: () => Promise<void>;
/** What the server answers to `user-join`; undefined leaves it unanswered. */
let joinReply: ((token: unknown) => unknown) | undefined;
/** Done once somebody has joined. */
let joined: (socket: Socket) => void;

beforeEach(async () => {
  const http = createServer((_request, response) => response.writeHead(404).end());
  io = new Server(http, { path: "/ai/ws/socket.io", transports: ["websocket"] });
  joinReply = (token) => (token === "jwt" ? { id: "u", name: "U" } : null);
  joined = () => {};
  io.on("connection", (socket) => {
    socket.on("user-join", (data, acknowledge) => {
      if (!joinReply) return;
      acknowledge(joinReply(data?.auth?.token));
      joined(socket);
    });
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  baseUrl = `http://127.0.0.1:${(http.address() as AddressInfo).port}/ai`;
  close = async () => void (await io.close());
});

afterEach(() => close());

const clientOf = (token = "jwt", timeoutMs = 5_000) => createOpenWebUiClient({ baseUrl, token, timeoutMs });
const event = (type: string, data: unknown) => ({ chat_id: "c", message_id: "m", data: { type, data } });

describe("live events", () => {
  it.each([
    [
      "0.6.15",
      () =>
        readRecording<RecordedEvent[]>("0.6.15/70_sock_own_session_socket_events").filter(
          ({ tab }) => tab === "A",
        ),
    ],
    [
      "0.12.4",
      () =>
        readRecording<Record<string, { events: RecordedEvent[] }>>("0.12.4/socket")[
          "literal-foreign-session"
        ]!.events.filter(({ client }) => client === "A-admin"),
    ],
  ])("as %s sends them arrive as ours", async (_version, recording) => {
    joined = (socket) => {
      for (const recorded of recording()) socket.emit(recorded.event, ...recorded.args);
      socket.disconnect();
    };
    const events = await collect(clientOf().liveEvents());
    expect(events[0]).toEqual({ type: "connected", sessionId: expect.any(String) });
    const text = events
      .filter(({ type }) => type === "answer-delta")
      .map((seen) => "delta" in seen && seen.delta)
      .join("");
    expect(text).toMatch(/^The capital of France is Paris\./);
    expect(events.filter(({ type }) => type === "answer-finished")).toMatchObject([{ text, error: null }]);
    expect(events.at(-1)).toMatchObject({ type: "closed", error: { code: "unreachable" } });
  });

  it("name the session by which the server knows this socket", async () => {
    let sessionId = "";
    joined = (socket) => {
      sessionId = socket.id;
    };
    for await (const seen of clientOf().liveEvents()) {
      expect(seen).toEqual({ type: "connected", sessionId });
      break;
    }
  });

  it("said under both names are heard once", async () => {
    joined = (socket) => {
      for (const content of ["a", "ab"]) {
        socket.emit("events", event("chat:completion", { content }));
        socket.emit("chat-events", event("chat:completion", { content: `${content}!` }));
      }
      socket.disconnect();
    };
    const events = await collect(clientOf().liveEvents());
    const deltas = events.filter((seen) => seen.type === "answer-delta");
    expect(deltas.at(-1)).toMatchObject({ snapshot: "ab" });
    expect(deltas.map(({ delta }) => delta).join("")).toBe("ab");
  });

  it("end when the caller says so, and the socket is gone", async () => {
    const caller = new AbortController();
    const gone = Promise.withResolvers<string>();
    joined = (socket) => {
      socket.on("disconnect", gone.resolve);
    };
    const events: LiveEvent[] = [];
    for await (const seen of clientOf().liveEvents({ signal: caller.signal })) {
      events.push(seen);
      caller.abort();
    }
    expect(events.at(-1)).toEqual({ type: "closed", error: null });
    expect(await gone.promise).toBe("client namespace disconnect");
  });

  it("end when the reader leaves, and the socket is gone", async () => {
    const gone = Promise.withResolvers<string>();
    joined = (socket) => {
      socket.on("disconnect", gone.resolve);
    };
    for await (const _seen of clientOf().liveEvents()) break;
    expect(await gone.promise).toBe("client namespace disconnect");
  });

  it("do not even connect for a caller who gave up before", async () => {
    const events = await collect(clientOf().liveEvents({ signal: AbortSignal.abort() }));
    expect(events).toEqual([{ type: "closed", error: null }]);
    expect(io.engine.clientsCount).toBe(0);
  });
});

describe("no live events", () => {
  it.each([
    ["for a token that the server does not know", () => clientOf("bad"), "unauthorized"],
    ["from a server that does not say who listens", () => clientOf("jwt", 20), "timed_out"],
    [
      "from a server that is not there",
      () => createOpenWebUiClient({ baseUrl: "http://127.0.0.1:1", token: "jwt" }),
      "unreachable",
    ],
    [
      "from a server without sockets at this path",
      () => createOpenWebUiClient({ baseUrl: new URL(baseUrl).origin, token: "jwt", timeoutMs: 2_000 }),
      "unreachable",
    ],
  ])("%s are told by the last value", async (name, client, code) => {
    if (name.includes("does not say")) joinReply = undefined;
    const events = await collect(client().liveEvents());
    expect(events).toEqual([{ type: "closed", error: expect.objectContaining({ code }) }]);
  });

  it("when signing in fails are told by the last value", async () => {
    const client = createOpenWebUiClient({
      baseUrl,
      credentials: { email: "e", password: "p" },
      fetch: async () =>
        Response.json({ detail: "The email or password provided is incorrect." }, { status: 400 }),
    });
    const events = await collect(client.liveEvents());
    expect(events).toEqual([{ type: "closed", error: expect.objectContaining({ code: "unauthorized" }) }]);
  });
});
