import type { ClientClock } from "../client/open-webui-client.ts";

/** How long a cancelled turn still waits for what it had asked: the reply to its completion names what is to be stopped. */
const STOP_PATIENCE_MS = 10_000;

/** How long what must still be done may take after the deadline, or after that patience: to stop, to mark, to read. */
const LAST_CALLS_MS = 10_000;

/** How a call is ended from outside. */
export interface CallLimits {
  signal: AbortSignal;
  deadlineAtMs: number;
}

/** How long a turn lasts, and each of its calls. */
export class TurnLimits {
  readonly startedAtMs: number;
  readonly deadlineAtMs: number;
  /** Aborted when the process no longer wants the run; the server goes on. */
  readonly closed: AbortSignal;
  /** Aborted when the turn is cancelled. */
  readonly stopping = new AbortController();
  /** Aborted when a cancelled turn no longer waits for replies: some to completions come with the first token. */
  readonly hangUp = new AbortController();
  readonly #clock: ClientClock;
  /** What ends calls that began before a cancellation. */
  readonly #patience: AbortSignal;
  /** When the turn was cancelled; Infinity before. */
  #stoppedAtMs = Number.POSITIVE_INFINITY;

  constructor(clock: ClientClock, timeoutMs: number, closed: AbortSignal) {
    this.#clock = clock;
    this.closed = closed;
    this.#patience = AbortSignal.any([closed, this.hangUp.signal]);
    this.startedAtMs = clock.nowMs();
    this.deadlineAtMs = this.startedAtMs + timeoutMs;
  }

  /** Cancels the turn; doing it twice changes nothing. `over` ends the wait for what is under way. */
  stop(over: AbortSignal): void {
    if (this.stopWanted) return;
    this.#stoppedAtMs = this.#clock.nowMs();
    this.stopping.abort();
    this.#clock.sleep(STOP_PATIENCE_MS, over).then(
      () => this.hangUp.abort(),
      () => {
        // The turn ended before.
      },
    );
  }

  get stopWanted(): boolean {
    return this.stopping.signal.aborted;
  }

  /** Whether the deadline has passed. */
  isOverdue(): boolean {
    return this.#clock.nowMs() >= this.deadlineAtMs;
  }

  /** Whether the time for what must still be done is over too. */
  isOutOfTime(): boolean {
    return this.#clock.nowMs() >= this.#lastCallsEndAtMs();
  }

  /** Options of every call: it ends with the turn. */
  get call(): CallLimits {
    if (this.stopWanted || this.isOverdue())
      return { signal: this.closed, deadlineAtMs: this.#lastCallsEndAtMs() };
    return { signal: this.#patience, deadlineAtMs: this.deadlineAtMs };
  }

  /** Options of calls that a cancelled turn does not wait for. */
  get droppableCall(): CallLimits {
    return { ...this.call, signal: AbortSignal.any([this.#patience, this.stopping.signal]) };
  }

  #lastCallsEndAtMs(): number {
    return Math.min(this.deadlineAtMs, this.#stoppedAtMs + STOP_PATIENCE_MS) + LAST_CALLS_MS;
  }
}
