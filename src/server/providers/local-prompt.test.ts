import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fitPrompt, TURN_OVERHEAD } from "./local-prompt.ts";
import type { LocalTurn } from "./local-request.ts";

/** One token a character. */
const counter = { tokenize: (text: string) => [...text], detokenize: (tokens: string[]) => tokens.join("") };
const user = (text: string): LocalTurn => ({ role: "user", text });
const assistant = (text: string): LocalTurn => ({ role: "assistant", text });

describe("fitPrompt", () => {
  it.each([
    [
      "leaves a short conversation as it is",
      "",
      [user("a"), assistant("b"), user("c")],
      100,
      [user("a"), assistant("b"), user("c")],
    ],
    [
      "opens the first user turn with the system text",
      "Be brief.",
      [user("a")],
      100,
      [user("Be brief.\n\na")],
    ],
    [
      "makes a user turn of the system text before an answer",
      "S",
      [assistant("b"), user("c")],
      100,
      [user("S"), assistant("b"), user("c")],
    ],
    [
      "cuts the oldest turns, and an answer whose question is gone",
      "",
      [user("a".repeat(30)), assistant("b"), user("c")],
      40,
      [user("c")],
    ],
    [
      "keeps the system text when turns are cut",
      "S",
      [user("a".repeat(60)), user("c")],
      60,
      [user("S\n\nc")],
    ],
  ])("%s", (_rule, system, turns, budget, expected) => {
    expect(fitPrompt(system, turns, budget, counter)).toEqual(expected);
  });

  it("takes the middle out of a last turn that is too long", () => {
    const [turn] = fitPrompt("", [user(`begin${"x".repeat(500)}end`)], 60, counter);
    expect(turn!.text).toMatch(/^begin.*\n…\n.*end$/s);
  });

  it("stays within the budget and ends with the last turn", () => {
    const turns = fc.array(
      fc.record({ role: fc.constantFrom("user" as const, "assistant" as const), text: fc.string() }),
      {
        minLength: 1,
        maxLength: 12,
      },
    );
    fc.assert(
      fc.property(fc.string(), turns, fc.integer({ min: 80, max: 400 }), (system, conversation, budget) => {
        const fitted = fitPrompt(system, conversation, budget, counter);
        const size = fitted.reduce(
          (sum, turn) => sum + counter.tokenize(turn.text).length + TURN_OVERHEAD,
          0,
        );
        expect(size).toBeLessThanOrEqual(budget);
        expect(fitted.at(-1)!.role).toBe(conversation.at(-1)!.role);
      }),
    );
  });
});
