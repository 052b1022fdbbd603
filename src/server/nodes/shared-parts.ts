import type { Logger } from "pino";
import { createAnswerRegistry } from "../answers/answer-registry.ts";
import { createAuthenticator } from "../auth/authenticate.ts";
import type { Context } from "../context.ts";
import type { Bus } from "../events/bus.ts";
import { createMemoryBus } from "../events/memory-bus.ts";
import type { NodeLink } from "./node-link.ts";
import { shareAnswers } from "./shared-answers.ts";
import { shareAuthenticator } from "./shared-authenticator.ts";
import { shareBus } from "./shared-bus.ts";
import { type SharedSessions, shareSessions } from "./shared-sessions.ts";

/** What is known of the sockets that are connected here. */
export interface LocalSockets {
  isLive(userId: string, sessionId: string): boolean;
  liveSessions(): [sessionId: string, userId: string][];
  hasAudience(userId: string): boolean;
  audience(): string[];
}

/** Makes those parts of a context by which all servers on one database act as one. */
export function createSharedParts(options: {
  link: NodeLink;
  sockets: LocalSockets;
  authenticator: Omit<Parameters<typeof createAuthenticator>[0], "mayKeep">;
  log: Logger;
}): {
  parts: Pick<Context, "bus" | "answers" | "authenticator"> & { sessions: SharedSessions };
  /** Reaches the sockets that are connected here, and no others. */
  busHere: Bus;
} {
  const { link, sockets, log } = options;
  const sessions = shareSessions(link, { isLive: sockets.isLive, list: sockets.liveSessions });
  const busHere = createMemoryBus({
    hasAudience: sockets.hasAudience,
    onListenerError: (error) => log.error({ err: error }, "a live event could not be told"),
  });
  const authenticator = createAuthenticator({ ...options.authenticator, mayKeep: link.isWhole });
  const parts = {
    sessions,
    bus: shareBus(busHere, link, sessions),
    answers: shareAnswers(createAnswerRegistry(), link),
    authenticator: shareAuthenticator(authenticator, link, sockets.audience),
  };
  return { parts, busHere };
}
