import type { TurnEvent } from "../index.ts";

/** The tutorial's steps, by number. */
const WORDS = [
  "",
  "create the chat with the question",
  "add a place for the answer",
  "save it in the chat",
  "ask the model",
  "wait for the answer",
  "complete the message",
  "fetch the chat",
];

/** A finished step as a line for each of the tutorial's seven that it does: what, and how long it took. */
export function formatStep(event: Extract<TurnEvent, { type: "step-done" }>): string {
  const { name, attempts, error, ms } = event;
  const again = attempts > 1 && name !== "awaitAnswer" ? `, ${attempts} attempts` : "";
  const result = attempts === 0 ? "done already" : `${Math.round(ms)} ms${again}`;
  const problem = error ? `: ${error.message}` : "";
  return event.tutorialSteps
    .map((number) => `${number} ${`${WORDS[number]} `.padEnd(37, ".")} ${result}${problem}`)
    .join("\n");
}
