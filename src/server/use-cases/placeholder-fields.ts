import type { AnswerTarget } from "./turn-plan.ts";

/** An assistant's message before it is answered. */
export function placeholderFields(target: AnswerTarget, timestamp: number) {
  const { model, modelIdx } = target;
  return {
    role: "assistant" as const,
    content: "",
    model,
    modelName: model,
    modelIdx,
    timestamp,
    done: false,
  };
}
