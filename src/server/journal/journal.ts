import {
  type AnswerJournal,
  type Exchange,
  type KnowledgeSearch,
  type ServerStep,
  type StepName,
  TUTORIAL_STEP,
} from "../../contract/journal.ts";
import type { Queries } from "../../db/database.ts";
import type { Sender } from "../auth/sender.ts";
import type { Provider, ProviderRequest, ProviderResponse } from "../providers/provider.ts";
import type { JournalKey, JournalStore } from "../store/journal-store.ts";
import { ExchangeRecord } from "./exchange-record.ts";
import type { Mask } from "./mask.ts";
import { sealedText } from "./sealed-text.ts";
import type { JournalAddition } from "./stored-journal.ts";

/** What the server sees of one making of an answer, from the request that asks for it to the tasks after it. */
export interface Journal {
  /** Whether anything is kept at all. */
  readonly isKept: boolean;
  step(step: StepName, more?: Pick<ServerStep, "task" | "error">): void;
  /** Text came; the first time counts. */
  grew(): void;
  /** Asks a provider and notes the exchange. @throws what the provider throws */
  ask(
    purpose: Exchange["purpose"],
    provider: Provider,
    request: ProviderRequest,
    signal: AbortSignal,
  ): Promise<ProviderResponse>;
  searched(search: KnowledgeSearch): void;
  /** The provider has said all that it will; `error` where that is not an answer. */
  ended(error: string | null): void;
  /** Writes all so far, in the transaction of what it tells of. */
  keep(tx: Queries): Promise<void>;
  /** The same where there are steps that are not written yet. */
  keepNews(tx: Queries): Promise<void>;
  /** The end is stored: what follows goes behind what is kept. */
  stored(): void;
  /** Nothing of the answer's own follows any more. */
  settled(): void;
}

/** Keeps nothing, and passes on. */
export const NO_JOURNAL: Journal = {
  isKept: false,
  step() {},
  grew() {},
  ask: (_purpose, provider, request, signal) => provider.complete(request, signal),
  searched() {},
  ended() {},
  async keep() {},
  async keepNews() {},
  stored() {},
  settled() {},
};

/** Exchanges and searches of one answer that are kept; more are not looked at. */
const MAX_KEPT = 16;
/** Steps of an answer that are kept after its end; a client may say it is completed as often as it likes. */
const MAX_LATE_STEPS = 32;

/** A step that a request took, by the time at which it came. */
export function stepOf(step: StepName, { origin, requestId, receivedAtMs }: Sender): ServerStep {
  const { run_id, attempt } = origin;
  return {
    step,
    tutorial_step: TUTORIAL_STEP[step],
    at_ms: receivedAtMs,
    request_id: requestId,
    ...(run_id === undefined ? {} : { run_id }),
    ...(attempt === undefined ? {} : { attempt }),
  };
}

/**
 * A journal that is kept. Moves: open → stored → settled. While open it is kept as a whole; once stored, what follows is
 * an addition, which is put behind what is kept.
 */
export class KeptJournal implements Journal {
  readonly isKept = true;
  readonly key: JournalKey;
  /** Where the answer was begun for good and its end is not stored yet. */
  isOpen = true;
  isSettled = false;
  /** Chats are fetched often; the first time after the end is a step. */
  isFetched = false;
  private readonly parts: {
    sender: Sender;
    /** Forgotten once the answer's end is stored. */
    request: unknown;
    nowMs: () => number;
    maxBytes: number;
    secrets: readonly string[];
    maskOf: (secrets: ReadonlySet<string>) => Mask;
    store: JournalStore;
    /** Called where there is something to append. */
    onAddition: (journal: KeptJournal) => void;
  };
  private steps: ServerStep[];
  private exchanges: ExchangeRecord[] = [];
  private searches: KnowledgeSearch[] = [];
  private readonly secrets = new Set<string>();
  private polls = 0;
  private hasGrown = false;
  /** How many of the steps are written. */
  private keptSteps = 0;
  private lateSteps = 0;
  private keptChars = 0;
  private callBody: string | null = null;

  constructor(key: JournalKey, earlier: readonly ServerStep[], parts: KeptJournal["parts"]) {
    this.key = key;
    this.parts = parts;
    this.steps = [...earlier, stepOf("completion_received", parts.sender)];
    for (const secret of parts.secrets) this.secrets.add(secret);
  }

  step(step: StepName, more: Pick<ServerStep, "task" | "error"> = {}): void {
    this.add({ step, tutorial_step: TUTORIAL_STEP[step], at_ms: this.parts.nowMs(), ...more });
  }

  /** A step that a request took. */
  requested(step: StepName, sender: Sender): void {
    this.add(stepOf(step, sender));
  }

  /** The chat was read while the answer was being made. */
  polled(): void {
    this.polls += 1;
  }

  grew(): void {
    if (this.hasGrown) return;
    this.hasGrown = true;
    this.step("first_token");
  }

  async ask(
    purpose: Exchange["purpose"],
    provider: Provider,
    request: ProviderRequest,
    signal: AbortSignal,
  ): Promise<ProviderResponse> {
    const exchange = new ExchangeRecord({
      purpose,
      provider: provider.name,
      request,
      nowMs: this.parts.nowMs,
    });
    if (this.exchanges.length < MAX_KEPT) this.exchanges.push(exchange);
    if (purpose === "answer") this.step("provider_asked");
    try {
      const response = await provider.complete(request, signal, exchange);
      exchange.replied(response);
      return response;
    } catch (thrown) {
      exchange.failed(thrown instanceof Error ? thrown.message : String(thrown));
      throw thrown;
    } finally {
      for (const secret of exchange.secrets) this.secrets.add(secret);
    }
  }

  searched(search: KnowledgeSearch): void {
    if (this.searches.length < MAX_KEPT) this.searches.push(search);
  }

  ended(error: string | null): void {
    if (error !== null) this.exchanges.findLast(({ purpose }) => purpose === "answer")?.failed(error);
    if (this.polls > 0) {
      const [step, at_ms] = ["polled", this.parts.nowMs()] as const;
      this.steps.push({ step, tutorial_step: TUTORIAL_STEP[step], at_ms, count: this.polls });
    }
    this.step("answer_stored", error === null ? {} : { error });
  }

  async keep(tx: Queries): Promise<void> {
    this.keptSteps = this.steps.length;
    const { chatId, messageId, taskId } = this.key;
    const text = this.text();
    this.keptChars = text.length;
    await this.parts.store.putJournal(tx, {
      chat_id: chatId,
      message_id: messageId,
      task_id: taskId,
      began_at_ms: this.parts.sender.receivedAtMs,
      journal_json: text,
    });
  }

  async keepNews(tx: Queries): Promise<void> {
    if (this.isOpen && this.steps.length > this.keptSteps) await this.keep(tx);
  }

  stored(): void {
    this.isOpen = false;
    this.parts.request = null;
    this.forget();
  }

  settled(): void {
    this.isSettled = true;
    // Its end could not be stored.
    if (this.isOpen) this.stored();
    if (this.steps.length > 0) this.parts.onAddition(this);
  }

  /** What has come since it was stored, taken out; a function that puts it behind what is kept. */
  takeAddition(): (tx: Queries) => Promise<void> {
    const { steps, exchanges, searches } = this;
    this.forget();
    const { maxBytes, store } = this.parts;
    const json = this.seal(Math.max(maxBytes - this.keptChars, maxBytes / 4), (clip): JournalAddition => {
      return { steps, exchanges: exchanges.map((exchange) => exchange.view(clip)), searches };
    });
    this.keptChars += json.length;
    const line = { atMs: this.parts.nowMs(), json };
    // Where its chat was deleted there is nothing to put it behind.
    return (tx) => store.appendToJournal(tx, this.key, line);
  }

  /** As JSON text, while it is open. */
  text(): string {
    const { sender, request } = this.parts;
    this.callBody ??= JSON.stringify(request);
    const body = this.callBody;
    return this.seal(
      this.parts.maxBytes,
      (clip): AnswerJournal => ({
        task_id: this.key.taskId,
        began_at_ms: sender.receivedAtMs,
        call: { method: "POST", path: sender.path, body: clip(body) },
        steps: this.steps,
        exchanges: this.exchanges.map((exchange) => exchange.view(clip)),
        searches: this.searches,
      }),
    );
  }

  private seal(maxBytes: number, build: Parameters<typeof sealedText>[0]): string {
    return sealedText(build, { maxBytes, mask: this.parts.maskOf(this.secrets) });
  }

  private add(step: ServerStep): void {
    if (!this.isSettled) this.steps.push(step);
    else if (this.lateSteps < MAX_LATE_STEPS) {
      this.lateSteps += 1;
      this.steps.push(step);
      this.parts.onAddition(this);
    }
  }

  private forget(): void {
    this.steps = [];
    this.exchanges = [];
    this.searches = [];
    this.callBody = null;
  }
}
