import type { NumberedPassage } from "./sources.ts";

/** A message that goes to the model before the conversation. */
export interface ContextMessage {
  role: "system";
  content: string;
}

/**
 * Tells a model what was found, and how to answer from it. The passages stand first and the rules last, next to the
 * question: a small model copies from what it reads, and forgets what it read long ago. Without passages it is told to
 * say that nothing was found.
 */
export function contextMessage(numbered: readonly NumberedPassage[]): ContextMessage {
  if (numbered.length === 0) return { role: "system", content: NOTHING_FOUND };
  return { role: "system", content: [...numbered.map(printPassage), RULES].join("\n\n") };
}

const NOTHING_FOUND =
  "The user's files were searched for this question, and nothing in them matched. Say so, and do not answer as if they had told you.";

const RULES =
  "Answer from the passages above. After each statement, put the number of its passage in brackets, such as [1]. If the passages do not answer the question, say that they do not.";

function printPassage({ number, name, passage }: NumberedPassage): string {
  const place = [
    name,
    ...(passage.page === null ? [] : [`page ${passage.page}`]),
    ...(passage.headings.length === 0 ? [] : [passage.headings.join(" > ")]),
  ].join(", ");
  return `[${number}] ${place}:\n${passage.text}`;
}
