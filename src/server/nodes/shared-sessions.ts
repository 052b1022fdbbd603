import { LRUCache } from "lru-cache";
import type { Sessions } from "../context.ts";
import type { NodeLink } from "./node-link.ts";

/** As long as a closed session counts as live where it was. */
const GRACE_MS = 60_000;
const CLOSED_KEPT = 10_000;
/** How long another node may take to say that a session is its own. */
const SEEK_MS = 250;

/** The sessions of all nodes, as one of them knows them. */
export interface SharedSessions extends Sessions {
  /** Whether another node has a socket of this user. */
  hasAudienceElsewhere(userId: string): boolean;
  /** A session of this node's has shown whose it is. */
  joined(sessionId: string, userId: string): void;
  left(sessionId: string): void;
}

/** `here` are this node's own. */
export function shareSessions(
  link: NodeLink,
  here: { isLive(userId: string, sessionId: string): boolean; list(): [sessionId: string, userId: string][] },
): SharedSessions {
  /** Sessions of other nodes. */
  const live = new Map<string, { userId: string; nodeId: string }>();
  const closed = new LRUCache<string, string>({ max: CLOSED_KEPT, ttl: GRACE_MS });
  /** How many sessions of a user other nodes have; absent for none. */
  const audience = new Map<string, number>();
  const seeking = new Map<string, (() => void)[]>();

  function add(sessionId: string, userId: string, nodeId: string): void {
    remove(sessionId);
    live.set(sessionId, { userId, nodeId });
    audience.set(userId, (audience.get(userId) ?? 0) + 1);
    for (const found of seeking.get(sessionId) ?? []) found();
  }

  function remove(sessionId: string): void {
    const session = live.get(sessionId);
    if (!session) return;
    live.delete(sessionId);
    closed.set(sessionId, session.userId);
    const left = audience.get(session.userId)! - 1;
    if (left === 0) audience.delete(session.userId);
    else audience.set(session.userId, left);
  }

  function removeAllOf(nodeId: string): void {
    for (const [sessionId, session] of [...live]) if (session.nodeId === nodeId) remove(sessionId);
  }

  const ownerOf = (sessionId: string) => live.get(sessionId)?.userId ?? closed.get(sessionId);

  /** Resolves once a session that is not known here is, or after a moment. */
  async function seek(sessionId: string): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, SEEK_MS);
    seeking.set(sessionId, [...(seeking.get(sessionId) ?? []), resolve]);
    link.tell({ type: "session-sought", sessionId });
    await promise;
    clearTimeout(timer);
    seeking.delete(sessionId);
  }

  link.introduce(() => ({ type: "sessions", list: here.list() }));
  link.on("sessions", ({ list }, nodeId) => {
    removeAllOf(nodeId);
    for (const [sessionId, userId] of list) add(sessionId, userId, nodeId);
  });
  link.on("session-joined", ({ sessionId, userId }, nodeId) => add(sessionId, userId, nodeId));
  link.on("session-left", ({ sessionId }) => remove(sessionId));
  link.on("session-sought", ({ sessionId }, nodeId) => {
    const userId = here.list().find(([id]) => id === sessionId)?.[1];
    if (userId !== undefined) link.tellNode(nodeId, { type: "session-joined", sessionId, userId });
  });
  link.onGone(removeAllOf);

  return {
    async isLive(userId, sessionId) {
      if (here.isLive(userId, sessionId)) return true;
      if (ownerOf(sessionId) === undefined && link.hasPeers()) await seek(sessionId);
      return ownerOf(sessionId) === userId;
    },
    present: () => [...new Set([...here.list().map(([, userId]) => userId), ...audience.keys()])],
    hasAudienceElsewhere: (userId) => audience.has(userId),
    joined: (sessionId, userId) => link.tell({ type: "session-joined", sessionId, userId }),
    left: (sessionId) => link.tell({ type: "session-left", sessionId }),
  };
}
