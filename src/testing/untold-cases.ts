import type { ConformanceCase } from "./conformance-case.ts";

const untold = (capability: string, question: string, skipped: string): ConformanceCase => ({
  name: capability,
  capability,
  question,
  run: async () => ({ skipped }),
});

/** What the answers of a server do not tell. */
export const untoldCases: ConformanceCase[] = [
  untold(
    "builtin_tools",
    "Are tools of the server's own sent to the provider?",
    "only the provider sees which tools it is sent",
  ),
  untold(
    "parallel_safe",
    "May two completions run in one chat at once?",
    "answers get lost only now and then: one good run would prove nothing",
  ),
];
