import type { Server as HttpServer } from "node:http";
import { parse } from "hono/utils/cookie";
import { LRUCache } from "lru-cache";
import type { Logger } from "pino";
import { Server, type Socket } from "socket.io";
import * as z from "zod";
import type { LiveEvent } from "../../contract/live-event.ts";
import { asOffstageError } from "../../errors.ts";
import type { AnswerRegistry } from "../answers/answer-registry.ts";
import type { Authenticator } from "../auth/authenticate.ts";
import type { Limits } from "../config.ts";
import type { User } from "../context.ts";
import type { Bus } from "../events/bus.ts";
import { chatEventsDialect } from "./dialects/chat-events.ts";
import type { Dialect, WireEvent } from "./dialects/dialect.ts";
import { eventsDialect } from "./dialects/events.ts";

const DIALECTS = { "chat-events": chatEventsDialect, events: eventsDialect } satisfies Record<
  string,
  Dialect
>;
type DialectName = keyof typeof DIALECTS;
const DIALECT_NAMES = Object.keys(DIALECTS) as DialectName[];

/** How long a closed session still counts as live: a page that reloads, a socket that reconnects. */
const SESSION_GRACE_MS = 60_000;
const CLOSED_SESSIONS_KEPT = 10_000;

const Handshake = z.looseObject({
  token: z.string().optional(),
  dialect: z
    .enum(DIALECT_NAMES as [DialectName, ...DialectName[]])
    .optional()
    .catch(undefined),
});
const UserJoin = z.looseObject({ auth: z.looseObject({ token: z.string() }).optional() });
const ChatEvent = z.looseObject({
  chat_id: z.string(),
  data: z.looseObject({ type: z.string() }),
});

const room = (userId: string, dialect: DialectName) => `${dialect} ${userId}`;

/** The session token that a page of this server's own brings along by its cookie; other sites' pages have none. */
function cookieToken({ cookie, origin, host }: Socket["handshake"]["headers"]): string | undefined {
  if (!cookie || !origin || !URL.canParse(origin) || new URL(origin).host !== host) return undefined;
  return parse(cookie, "token").token;
}

/** The live side of the server: knows who listens, and tells them. */
export interface SocketServer {
  /** A session of this user that is connected here, or closed less than 60 s ago. */
  isLive(userId: string, sessionId: string): boolean;
  /** Those that are connected here. */
  liveSessions(): [sessionId: string, userId: string][];
  hasAudience(userId: string): boolean;
  /** Users who would be shown an event now. */
  audience(): string[];
  /** Connected sockets, whosever they are. */
  count(): number;
  /** Begins to tell what is published; and to answer people who come in the middle of an answer. */
  connect(parts: {
    bus: Bus;
    answers: AnswerRegistry;
    authenticator: Authenticator;
    log: Logger;
    /** Is told who comes and goes. */
    sessions: { joined(sessionId: string, userId: string): void; left(sessionId: string): void };
    /** A page has shown a chat to its user. */
    onRead(userId: string, chatId: string): void;
  }): void;
  attach(server: HttpServer): void;
  close(): Promise<void>;
}

/**
 * socket.io on `/ws/socket.io`, websocket only, as Open WebUI has it. A bad or missing token still connects and gets no
 * events. Each socket is spoken to in one dialect: the one its handshake names, that of the web UI that is served to its
 * page, `events` once it opens a chat by `events:chat`, and in both until then.
 */
export function createSocketServer(options: {
  /** That of the web UI which is served. */
  dialect: DialectName | undefined;
  limits: Pick<Limits, "maxSockets" | "maxSocketsPerUser" | "maxSocketMessageBytes">;
  /** @throws OffstageError `forbidden` for a name that is not this server's */
  assertHost(header: string | undefined): void;
}): SocketServer {
  const { limits } = options;
  const io = new Server({
    path: "/ws/socket.io",
    transports: ["websocket"],
    serveClient: false,
    maxHttpBufferSize: limits.maxSocketMessageBytes,
    allowRequest({ headers }, decide) {
      try {
        options.assertHost(headers.host);
        const isFull = io.engine.clientsCount >= limits.maxSockets;
        decide(isFull ? "This server has as many sockets as it takes." : null, !isFull);
      } catch (thrown) {
        decide(asOffstageError(thrown).message, false);
      }
    },
    pingInterval: 25_000,
    pingTimeout: 20_000,
  });
  /** Connected sockets that have shown whose they are, by session id. */
  const live = new Map<string, { userId: string; token: string }>();
  /** Whose a session was that closed a moment ago. */
  const closed = new LRUCache<string, string>({ max: CLOSED_SESSIONS_KEPT, ttl: SESSION_GRACE_MS });
  /** How many sockets of a user are connected; absent for none. */
  const audience = new Map<string, number>();

  let onLeft: (sessionId: string) => void = () => {};

  function leave(sessionId: string): void {
    const userId = live.get(sessionId)?.userId;
    if (userId === undefined) return;
    live.delete(sessionId);
    closed.set(sessionId, userId);
    const left = audience.get(userId)! - 1;
    if (left === 0) audience.delete(userId);
    else audience.set(userId, left);
    onLeft(sessionId);
  }

  function emit(
    target: { emit(name: string, payload: unknown): unknown },
    events: readonly WireEvent[],
  ): void {
    for (const { name, payload } of events) target.emit(name, payload);
  }

  return {
    isLive: (userId, sessionId) => (live.get(sessionId)?.userId ?? closed.get(sessionId)) === userId,
    liveSessions: () => [...live].map(([sessionId, { userId }]) => [sessionId, userId]),
    hasAudience: (userId) => audience.has(userId),
    audience: () => [...audience.keys()],
    count: () => io.engine?.clientsCount ?? 0,
    connect({ bus, answers, authenticator, log, sessions, onRead }) {
      onLeft = sessions.left;
      bus.subscribe((userId: string, event: LiveEvent) => {
        if (!audience.has(userId)) return;
        for (const name of DIALECT_NAMES) {
          const listeners = io.sockets.adapter.rooms.get(room(userId, name));
          if (listeners) emit(io.to(room(userId, name)), DIALECTS[name](event));
        }
      });

      /** Tells a socket how far the user's running answers have come. */
      function catchUp(socket: Socket, userId: string, names: readonly DialectName[], chatId?: string): void {
        const running = chatId === undefined ? answers.ofUser(userId) : answers.ofChat(chatId);
        for (const answer of running) {
          if (answer.userId !== userId) continue;
          answer.show((snapshot) => {
            if (snapshot.whole === "") return;
            const { chatId: shown, messageId, model } = answer;
            const about = { chatId: shown, messageId, model, hasReasoning: snapshot.reasoning !== "" };
            const event: LiveEvent = {
              type: "answer-delta",
              ...about,
              delta: "",
              reasoningDelta: "",
              snapshot,
            };
            for (const name of names) emit(socket, DIALECTS[name](event));
          });
        }
      }

      /** Lets a socket hear nothing any more. */
      function exclude(sessionId: string): void {
        const userId = live.get(sessionId)?.userId;
        if (userId === undefined) return;
        leave(sessionId);
        for (const name of DIALECT_NAMES) io.in(sessionId).socketsLeave(room(userId, name));
      }

      authenticator.onForget(async (userId) => {
        for (const [sessionId, joined] of [...live]) {
          if (joined.userId !== userId) continue;
          const holds = await authenticator.identify(joined.token).then(
            () => true,
            () => false,
          );
          if (!holds && live.get(sessionId)?.token === joined.token) exclude(sessionId);
        }
      });

      async function join(
        socket: Socket,
        token: string,
        named: DialectName | undefined,
      ): Promise<User | null> {
        const identity = await authenticator.identify(token).catch((error: unknown) => {
          log.debug({ err: error, sessionId: socket.id }, "a socket came with a token that does not hold");
          return null;
        });
        if (!identity || !socket.connected) return null;
        const { user } = identity;
        const joined = live.get(socket.id);
        if (joined?.token === token) return user;
        if (joined) exclude(socket.id);
        if ((audience.get(user.id) ?? 0) >= limits.maxSocketsPerUser) {
          socket.emit("refused", {
            detail: `You have ${limits.maxSocketsPerUser} open sockets: close some.`,
          });
          socket.disconnect(true);
          return null;
        }
        live.set(socket.id, { userId: user.id, token });
        audience.set(user.id, (audience.get(user.id) ?? 0) + 1);
        sessions.joined(socket.id, user.id);
        const names = named ? [named] : DIALECT_NAMES;
        for (const name of names) socket.join(room(user.id, name));
        catchUp(socket, user.id, names);
        return user;
      }

      io.on("connection", (socket) => {
        const handshake = Handshake.safeParse(socket.handshake.auth).data ?? {};
        // Only pages name their origin, and a server's own pages are those of the web UI that it serves.
        const dialect = handshake.dialect ?? (socket.handshake.headers.origin ? options.dialect : undefined);
        const token = handshake.token ?? cookieToken(socket.handshake.headers);
        const joining = token ? join(socket, token, dialect) : Promise.resolve(null);
        socket.on("disconnect", () => leave(socket.id));
        socket.on("user-join", async (message: unknown, acknowledge: unknown) => {
          const joined = await joining;
          const auth = UserJoin.safeParse(message).data?.auth;
          const user = auth ? await join(socket, auth.token, dialect) : joined;
          if (typeof acknowledge === "function") acknowledge(user ? { id: user.id, name: user.name } : null);
        });
        socket.on("events:chat", async (message: unknown, acknowledge: unknown) => {
          await joining;
          const userId = live.get(socket.id)?.userId;
          const { data } = ChatEvent.safeParse(message);
          if (userId !== undefined && data?.data.type === "join") {
            socket.leave(room(userId, "chat-events"));
            socket.join(room(userId, "events"));
            catchUp(socket, userId, ["events"], data.chat_id);
          }
          if (userId !== undefined && data?.data.type === "last_read_at") onRead(userId, data.chat_id);
          if (typeof acknowledge === "function") acknowledge(userId !== undefined);
        });
      });
    },
    attach: (server) => void io.attach(server),
    close: async () => {
      await io.close();
    },
  };
}
