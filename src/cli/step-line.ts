import type { StepReport, TurnEvent } from "../index.ts";

const WORDS: Record<StepReport["name"], string> = {
  createChat: "create the chat with the question",
  savePlaceholder: "save the answer's place in it",
  triggerCompletion: "ask the model",
  awaitAnswer: "wait for the answer",
  completeMessage: "complete the message",
  fetchChat: "fetch the chat",
};

/** A finished step as one line: which of the tutorial's seven, what it did, how long it took. */
export function formatStep(event: Extract<TurnEvent, { type: "step-done" }>): string {
  const number = event.tutorialSteps.join("-");
  const again = event.attempts > 1 ? `, ${event.attempts} attempts` : "";
  const idle = event.attempts === 0 ? ", nothing to do" : "";
  const problem = event.error ? `: ${event.error.message}` : "";
  return `${number.padEnd(3)} ${WORDS[event.name].padEnd(33)} ${Math.round(event.ms)} ms${again}${idle}${problem}`;
}
