import type { OffstageError } from "../errors.ts";
import type { State } from "./decision-table.ts";

/** The steps of the tutorial, and which of its seven each one is. */
export const TUTORIAL_STEPS = {
  createChat: [1],
  savePlaceholder: [2, 3],
  triggerCompletion: [4],
  awaitAnswer: [5],
  completeMessage: [6],
  fetchChat: [7],
} as const;

export type StepName = keyof typeof TUTORIAL_STEPS;

/** How long a step took, waiting included, and how often it acted; 0 where an earlier step had done its work. */
export interface StepReport {
  name: StepName;
  ms: number;
  attempts: number;
}

/** What a turn tells while it runs. `messageId` and `model` name the answer: there may be several side by side. */
export type TurnEvent =
  | {
      type: "step-started";
      name: StepName;
      tutorialSteps: readonly number[];
      messageId: string;
      model: string;
    }
  /** `error`: the step was given up; the run ended with it, or went on where the step is not needed (step 6). */
  | (StepReport & {
      type: "step-done";
      tutorialSteps: readonly number[];
      messageId: string;
      model: string;
      error?: OffstageError;
    })
  /** New text, and all of it so far. Where the server replaced its text, `delta` is empty. */
  | { type: "answer-delta"; messageId: string; model: string; delta: string; snapshot: string }
  /** New thinking of the model, and all of it so far; what servers tell only at the end comes whole. Nothing is taken back. */
  | { type: "reasoning-delta"; messageId: string; model: string; delta: string; snapshot: string }
  /** Something failed that the turn goes on without. */
  | { type: "warning"; error: OffstageError; messageId: string; model: string }
  | { type: "state"; state: State; messageId: string; model: string };
