/** Asks a model for one answer in place of several that others have given to the same question. */
export function mergePrompt(question: string, answers: readonly string[]): string {
  const numbered = answers.map((answer, index) => `### Answer ${index + 1}:\n${answer}`);
  return `### Task:
Several assistants have answered the question below. Write the one answer to be given in their place: keep what is right and useful in any of them, say it once, leave out what is wrong, and decide where they contradict each other.
Write it as if you had been asked yourself, in the question's language, without a word about the other answers.

### Question:
${question}

${numbered.join("\n\n")}`;
}
