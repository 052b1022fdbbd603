import type { Logger } from "pino";
import type { Channel, ChannelListener } from "../../db/channel.ts";
import type { NodeMessage, NodeMessageOf } from "./node-message.ts";

/** How often a node says that it lives, and how long it may say nothing before it counts as gone. */
const ALIVE_EVERY_MS = 5_000;
const GONE_AFTER_MS = 30_000;

/**
 * What connects a server with the others on its database. A node that is alone tells nobody anything but that it lives.
 * Messages of one node are heard in the order in which it told them.
 */
export interface NodeLink {
  hasPeers(): boolean;
  /** Whether all that the others tell is heard; what rests on having been told must not be trusted while it is not. */
  isWhole(): boolean;
  /** Tells all other nodes. */
  tell(message: NodeMessage): void;
  tellNode(nodeId: string, message: NodeMessage): void;
  on<Type extends NodeMessage["type"]>(
    type: Type,
    listener: (message: NodeMessageOf<Type>, nodeId: string) => void,
  ): void;
  /** What a node that comes is told of this one. */
  introduce(make: () => NodeMessage): void;
  /** A node ended, or has said nothing for too long. */
  onGone(listener: (nodeId: string) => void): void;
  /** Something may have been missed since that moment, by the server's clock. */
  onGap(listener: (sinceMs: number) => void): void;
  /** Begins to hear and to tell; all listeners are there by then. */
  start(): void;
  close(): Promise<void>;
}

/** The link of a server that has its database for itself. */
export function createLoneLink(): NodeLink {
  return {
    hasPeers: () => false,
    isWhole: () => true,
    tell() {},
    tellNode() {},
    on() {},
    introduce() {},
    onGone() {},
    onGap() {},
    start() {},
    close: async () => {},
  };
}

/** A link over a channel, with the listener that the channel has to be opened with. */
export function createNodeLink(options: {
  nowMs: () => number;
  log: Logger;
}): NodeLink & { readonly listener: ChannelListener; connect(channel: Channel): void } {
  const { nowMs, log } = options;
  const listeners = new Map<string, ((message: never, nodeId: string) => void)[]>();
  const introductions: (() => NodeMessage)[] = [];
  const goneListeners: ((nodeId: string) => void)[] = [];
  const gapListeners: ((sinceMs: number) => void)[] = [];
  /** When each other node was heard last. */
  const peers = new Map<string, number>();
  let channel: Channel | null = null;
  let timer: NodeJS.Timeout | undefined;
  let isStarted = false;
  let lostAtMs: number | null = null;

  const send = (message: NodeMessage, to?: string) =>
    channel?.send(JSON.stringify(to === undefined ? message : { ...message, to }));

  function guarded(what: string, work: () => void): void {
    try {
      work();
    } catch (error) {
      log.error({ err: error }, `${what} could not be taken in`);
    }
  }

  function introduceTo(nodeId: string): void {
    send({ type: "here", isReplyWanted: false }, nodeId);
    for (const make of introductions) send(make(), nodeId);
  }

  function forget(nodeId: string): void {
    if (!peers.delete(nodeId)) return;
    log.info({ nodeId }, "another server on the database is gone");
    for (const listener of goneListeners) guarded("the end of another server", () => listener(nodeId));
  }

  function hear(nodeId: string, text: string): void {
    const { to, ...message } = JSON.parse(text) as NodeMessage & { to?: string };
    if (message.type === "gone") {
      forget(nodeId);
      return;
    }
    const isNew = !peers.has(nodeId);
    peers.set(nodeId, nowMs());
    if (isNew) {
      log.info({ nodeId }, "another server works on the database");
      if (message.type !== "here") send({ type: "here", isReplyWanted: true }, nodeId);
    }
    if (to !== undefined && to !== channel?.id) return;
    if (message.type === "here" && message.isReplyWanted) introduceTo(nodeId);
    for (const listener of listeners.get(message.type) ?? []) listener(message as never, nodeId);
  }

  /** Says to all who is here, and asks all for the same. */
  function greet(): void {
    send({ type: "here", isReplyWanted: true });
    for (const make of introductions) send(make());
  }

  return {
    listener: {
      onText(nodeId, text) {
        if (isStarted) guarded("what another server told", () => hear(nodeId, text));
      },
      onLost(error) {
        lostAtMs ??= nowMs();
        log.warn({ err: error }, "the connection that brings other servers' events was lost");
      },
      onGap() {
        const sinceMs = lostAtMs ?? nowMs();
        lostAtMs = null;
        if (!isStarted) return;
        greet();
        log.warn("other servers' events may have been missed; what they were about is read again");
        for (const listener of gapListeners) guarded("a gap", () => listener(sinceMs));
      },
    },
    connect(opened) {
      channel = opened;
    },
    hasPeers: () => peers.size > 0,
    isWhole: () => channel?.isConnected ?? false,
    tell(message) {
      if (peers.size > 0) send(message);
    },
    tellNode: (nodeId, message) => send(message, nodeId),
    on(type, listener) {
      listeners.set(type, [...(listeners.get(type) ?? []), listener as never]);
    },
    introduce: (make) => void introductions.push(make),
    onGone: (listener) => void goneListeners.push(listener),
    onGap: (listener) => void gapListeners.push(listener),
    start() {
      isStarted = true;
      greet();
      timer = setInterval(() => {
        send({ type: "alive" });
        // While nothing is heard, silence says nothing.
        if (!channel?.isConnected) return;
        for (const [nodeId, heardAtMs] of [...peers]) if (nowMs() - heardAtMs > GONE_AFTER_MS) forget(nodeId);
      }, ALIVE_EVERY_MS);
    },
    async close() {
      clearInterval(timer);
      if (isStarted) send({ type: "gone" });
      isStarted = false;
      await channel?.close();
    },
  };
}
