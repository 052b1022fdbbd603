import type { ClientClock } from "../client/open-webui-client.ts";
import type { OffstageError } from "../errors.ts";
import { type StepName, type StepReport, TUTORIAL_STEPS, type TurnEvent } from "./turn-event.ts";

const ORDER = Object.keys(TUTORIAL_STEPS) as StepName[];

type StepEvent = Extract<TurnEvent, { type: "step-started" | "step-done" }>;
type Untold = "messageId" | "model";
type ToldStep = StepEvent extends infer Event
  ? Event extends StepEvent
    ? Omit<Event, Untold>
    : never
  : never;

/** Follows the tutorial's steps of one answer: one is open at a time, and those that had nothing to do are told too. */
export class StepLog {
  /** Every step that is over; one that was gone back to is one report. */
  readonly reports: StepReport[] = [];
  readonly #clock: ClientClock;
  readonly #tell: (event: ToldStep) => void;
  /** The step that runs; null between steps. */
  #open: { name: StepName; startedAtMs: number; attempts: number } | null = null;
  /** How far the flow has come in `ORDER`; never goes back. */
  #reached = -1;

  constructor(clock: ClientClock, tell: (event: ToldStep) => void) {
    this.#clock = clock;
    this.#tell = tell;
  }

  /** The flow acts for this step. `acts` is false where it only waits or looks. */
  enter(name: StepName, acts: boolean): void {
    if (this.#open?.name !== name) {
      this.close();
      for (const skipped of ORDER.slice(this.#reached + 1, ORDER.indexOf(name))) {
        this.#start(skipped);
        this.close();
      }
      this.#start(name);
    }
    if (acts && this.#open !== null) this.#open.attempts++;
  }

  /** The open step is over; with `error` it was given up. */
  close(error?: OffstageError): void {
    if (this.#open === null) return;
    const { name, startedAtMs, attempts } = this.#open;
    const ms = this.#clock.nowMs() - startedAtMs;
    this.#open = null;
    const earlier = this.reports.find((report) => report.name === name);
    if (earlier === undefined) this.reports.push({ name, ms, attempts });
    else Object.assign(earlier, { ms: earlier.ms + ms, attempts: earlier.attempts + attempts });
    const told = { type: "step-done", name, ms, attempts, tutorialSteps: TUTORIAL_STEPS[name] } as const;
    this.#tell(error === undefined ? told : { ...told, error });
  }

  /** For an answer whose chat another one has saved: the first steps are not told again. */
  startAfter(name: StepName): void {
    this.#reached = ORDER.indexOf(name);
  }

  #start(name: StepName): void {
    this.#open = { name, startedAtMs: this.#clock.nowMs(), attempts: 0 };
    this.#reached = Math.max(this.#reached, ORDER.indexOf(name));
    this.#tell({ type: "step-started", name, tutorialSteps: TUTORIAL_STEPS[name] });
  }
}
