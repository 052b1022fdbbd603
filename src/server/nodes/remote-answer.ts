import type { AnswerSnapshot } from "../../contract/live-event.ts";
import { OffstageError } from "../../errors.ts";
import type { AnswerOutcome, EventSink, RunningAnswer, Upstream } from "../answers/answer-registry.ts";
import { type AnswerText, createAnswerText } from "../answers/answer-text.ts";
import { fingerprintOf } from "../answers/request-fingerprint.ts";
import { settledWithin } from "../answers/settled-within.ts";
import { parseEvent } from "../providers/completion-events.ts";
import type { NodeLink } from "./node-link.ts";
import type { AnswerFacts } from "./node-message.ts";

const FOLLOW_WITHIN_MS = 5_000;

const GONE_OUTCOME: AnswerOutcome = {
  text: "",
  error: { content: "The server that made this answer is gone.", code: "answer_lost" },
  stopped: false,
  usage: null,
  firstTextMs: null,
  completion: null,
};

/** An answer that another node makes. What is done to it is asked of that node; what it says is taken in here. */
export class RemoteAnswer implements RunningAnswer {
  readonly taskId: string;
  readonly chatId: string;
  readonly messageId: string;
  readonly userId: string;
  readonly model: string;
  readonly beganAtMs: number;
  readonly isElsewhere = true;
  readonly nodeId: string;
  readonly sinks = new Set<EventSink>();
  readonly #fingerprint: string;
  readonly #link: NodeLink;
  readonly #upstream = Promise.withResolvers<Upstream>();
  readonly #ended = Promise.withResolvers<AnswerOutcome>();
  readonly #settled = Promise.withResolvers<number>();
  readonly #looks: ((snapshot: AnswerSnapshot) => void)[] = [];
  #following: PromiseWithResolvers<void> | null = null;
  /** Grows with the events that are heard once it is followed. */
  #text: AnswerText = createAnswerText("", Date.now);

  constructor(facts: AnswerFacts, nodeId: string, link: NodeLink) {
    this.taskId = facts.taskId;
    this.chatId = facts.chatId;
    this.messageId = facts.messageId;
    this.userId = facts.userId;
    this.model = facts.model;
    this.beganAtMs = facts.beganAtMs;
    this.#fingerprint = facts.fingerprint;
    this.nodeId = nodeId;
    this.#link = link;
  }

  get upstream(): Promise<Upstream> {
    return this.#upstream.promise;
  }

  get ended(): Promise<AnswerOutcome> {
    return this.#ended.promise;
  }

  get settled(): Promise<number> {
    return this.#settled.promise;
  }

  isAskedBy(request: Parameters<RunningAnswer["isAskedBy"]>[0]): boolean {
    return fingerprintOf(request) === this.#fingerprint;
  }

  fingerprint(): string {
    return this.#fingerprint;
  }

  snapshot(): AnswerSnapshot {
    return this.#text.snapshot();
  }

  show(tell: (snapshot: AnswerSnapshot) => void): void {
    this.#looks.push(tell);
    this.#link.tellNode(this.nodeId, { type: "answer-look", taskId: this.taskId });
  }

  async follow(): Promise<void> {
    if (!this.#following) {
      this.#following = Promise.withResolvers<void>();
      this.#link.tellNode(this.nodeId, { type: "answer-follow", taskId: this.taskId });
    }
    let isFollowed = false;
    const followed = this.#following.promise.then(() => {
      isFollowed = true;
    });
    await settledWithin(followed, FOLLOW_WITHIN_MS);
    if (isFollowed) return;
    throw new OffstageError(
      "unavailable",
      "This answer is being made by another server, which does not reply. Try again soon.",
    );
  }

  stop(): void {
    this.#link.tellNode(this.nodeId, { type: "answer-stop", taskId: this.taskId });
  }

  takeFollowed(snapshot: AnswerSnapshot): void {
    this.#text = createAnswerText(snapshot.whole, Date.now);
    this.#following?.resolve();
  }

  takeSeen(snapshot: AnswerSnapshot): void {
    for (const tell of this.#looks.splice(0)) tell(snapshot);
  }

  takeUpstream(upstream: Upstream): void {
    this.#upstream.resolve(upstream);
  }

  takeEvents(data: readonly string[]): void {
    const events = data.map(parseEvent);
    for (const { chunk } of events) if (chunk) this.#text.add(chunk);
    for (const sink of this.sinks) sink(events);
  }

  takeEnded(outcome: AnswerOutcome): void {
    this.#ended.resolve(outcome);
  }

  /** It is off the list of its node, or that node is gone. */
  settle(): void {
    this.#following?.resolve();
    this.#upstream.resolve({ ok: false, status: 503, detail: GONE_OUTCOME.error!.content });
    this.#ended.resolve(GONE_OUTCOME);
    this.#settled.resolve(0);
    this.sinks.clear();
  }
}
