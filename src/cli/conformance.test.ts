import { expect, test } from "vitest";
import { reportLines } from "./conformance.ts";

test("a report is a table of answers and failures, then the skips with their reasons, then the counts", () => {
  const asked = { capability: "grows", question: "?", ms: 7 };
  const lines = reportLines({
    baseUrl: "http://server.example",
    version: "9.9.9",
    model: "small",
    ms: 30,
    cases: [
      { ...asked, name: "one", outcome: "answered", value: true, evidence: "two\nlines" },
      { ...asked, name: "second", outcome: "failed", error: { code: "timed_out", message: "Too late." } },
      { ...asked, name: "third", outcome: "skipped", reason: "nobody can tell" },
    ],
    answered: 1,
    skipped: 1,
    failed: 1,
    left: [],
  });
  expect(lines).toEqual([
    "http://server.example says that it is 9.9.9; asked with small",
    "",
    "capability  case    value   ms  evidence",
    "grows       one     yes     7   two lines",
    "grows       second  FAILED  7   Too late.",
    "",
    "third: skipped, because nobody can tell",
    "",
    "1 answered, 1 skipped, 1 failed in 30 ms",
  ]);
});
