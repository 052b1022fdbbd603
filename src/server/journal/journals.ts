import { LRUCache } from "lru-cache";
import type { Logger } from "pino";
import type { ServerStep } from "../../contract/journal.ts";
import type { Sender } from "../auth/sender.ts";
import type { ServerConfig } from "../config.ts";
import type { JournalKey } from "../store/journal-store.ts";
import type { Store } from "../store/store.ts";
import { type Journal, KeptJournal, NO_JOURNAL, stepOf } from "./journal.ts";
import { secretsOf } from "./journal-config.ts";
import { createMasks } from "./mask.ts";

/** The journals of this process: of answers in the making, and of chats that were written to lately. */
export interface Journals {
  /** A request made or changed a chat; `placeholders` are the empty answers that it brought. */
  noteSave(chatId: string, step: "chat_created" | "chat_saved", sender: Sender, placeholders: string[]): void;
  /** The journal of an answer that is about to begin. */
  begin(key: JournalKey, sender: Sender, request: unknown): Journal;
  /** Its beginning is committed. */
  enlist(journal: Journal): void;
  /** A client says that it takes the answer for completed (tutorial step 6). */
  noteCompleted(chatId: string, messageId: string, sender: Sender): void;
  /** The chat was read: a poll of what is being made, the first fetch of what has ended. */
  noteRead(chatId: string, sender: () => Sender): void;
  /** As JSON, the journals of an answer that is being made here. */
  openTexts(chatId: string, messageId: string): { taskId: string; text: string }[];
  /** Writes what has come after answers' ends. */
  flush(): Promise<void>;
  /** Writes the rest; nothing is noted any more. */
  close(): Promise<void>;
}

/** Chats of which early and late steps are remembered. */
const MAX_CHATS = 2_000;
/** Steps of a chat before an answer, and answers of a chat, that are remembered. */
const MAX_EARLY = 16;
const MAX_ANSWERS = 8;

const FLUSH_MS = 1_000;
const FLUSH_BATCH = 200;
const SWEEP_MS = 3_600_000;
const SWEEP_BATCH = 500;
const DAY_MS = 86_400_000;

interface ChatMemory {
  early: { step: ServerStep; placeholders: string[] | null }[];
  journals: KeptJournal[];
}

export function createJournals(options: {
  store: Store;
  config: ServerConfig;
  /** Signs tokens. */
  secret: string;
  nowMs: () => number;
  log: Logger;
}): Journals {
  const { store, log, nowMs } = options;
  const config = options.config.journal;
  const secrets = secretsOf(options.config, options.secret);
  if (config.maxBytes === 0 || config.days === 0) return NO_JOURNALS;
  const maskOf = createMasks();
  const chats = new LRUCache<string, ChatMemory>({ max: MAX_CHATS });
  /** Those that have something to append. */
  const pending = new Set<KeptJournal>();
  let timer: NodeJS.Timeout | null = null;
  let flushing: Promise<void> = Promise.resolve();

  function memoryOf(chatId: string): ChatMemory {
    const known = chats.get(chatId);
    if (known) return known;
    const memory: ChatMemory = { early: [], journals: [] };
    chats.set(chatId, memory);
    return memory;
  }

  function onAddition(journal: KeptJournal): void {
    pending.add(journal);
    timer ??= setTimeout(() => void flush(), FLUSH_MS).unref();
  }

  async function flushBatch(): Promise<void> {
    const batch = [...pending].slice(0, FLUSH_BATCH);
    for (const journal of batch) pending.delete(journal);
    const additions = batch.map((journal) => journal.takeAddition());
    try {
      await store.write(async (tx) => {
        await Promise.all(additions.map((append) => append(tx)));
      });
    } catch (error) {
      log.warn({ err: error }, "steps after the ends of answers could not be kept");
    }
  }

  function flush(): Promise<void> {
    if (timer) clearTimeout(timer);
    timer = null;
    flushing = flushing.then(async () => {
      while (pending.size > 0) await flushBatch();
    });
    return flushing;
  }

  async function sweep(): Promise<void> {
    const beforeMs = nowMs() - config.days * DAY_MS;
    try {
      for (let gone = SWEEP_BATCH; gone === SWEEP_BATCH; ) {
        gone = await store.write((tx) => store.journals.deleteJournals(tx, { beforeMs, limit: SWEEP_BATCH }));
      }
    } catch (error) {
      log.warn({ err: error }, "journals that are too old could not be deleted");
    }
  }
  let sweeping = sweep();
  const sweeper = setInterval(() => {
    sweeping = sweep();
  }, SWEEP_MS).unref();

  return {
    noteSave(chatId, step, sender, placeholders) {
      const { early } = memoryOf(chatId);
      if (early.length >= MAX_EARLY) early.shift();
      early.push({ step: stepOf(step, sender), placeholders: null });
      if (placeholders.length > 0) early.push({ step: stepOf("placeholder_saved", sender), placeholders });
    },
    begin(key, sender, request) {
      const early = chats.peek(key.chatId)?.early ?? [];
      const steps = early
        .filter(({ placeholders }) => placeholders?.includes(key.messageId) ?? true)
        .map(({ step }) => step);
      const { maxBytes } = config;
      const parts = { sender, request, nowMs, maxBytes, secrets, maskOf, store: store.journals, onAddition };
      return new KeptJournal(key, steps, parts);
    },
    enlist(journal) {
      if (!(journal instanceof KeptJournal)) return;
      const memory = memoryOf(journal.key.chatId);
      memory.early = [];
      if (memory.journals.length >= MAX_ANSWERS) memory.journals.shift();
      memory.journals.push(journal);
      journal.step("turn_saved");
    },
    noteCompleted(chatId, messageId, sender) {
      const { journals = [] } = chats.peek(chatId) ?? {};
      journals.findLast(({ key }) => key.messageId === messageId)?.requested("completed", sender);
    },
    noteRead(chatId, sender) {
      for (const journal of chats.peek(chatId)?.journals ?? []) {
        if (journal.isOpen) journal.polled();
        else if (!journal.isFetched) {
          journal.isFetched = true;
          journal.requested("fetched", sender());
        }
      }
    },
    openTexts: (chatId, messageId) =>
      (chats.peek(chatId)?.journals ?? [])
        .filter(({ key, isOpen }) => isOpen && key.messageId === messageId)
        .map((journal) => ({ taskId: journal.key.taskId, text: journal.text() })),
    flush,
    async close() {
      clearInterval(sweeper);
      await sweeping;
      await flush();
    },
  };
}

const NO_JOURNALS: Journals = {
  noteSave() {},
  begin: () => NO_JOURNAL,
  enlist() {},
  noteCompleted() {},
  noteRead() {},
  openTexts: () => [],
  async flush() {},
  async close() {},
};
