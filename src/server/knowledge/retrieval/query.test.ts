import { expect, test } from "vitest";
import { searchTexts } from "./query.ts";

const FRANCE = "What is the capital of France?";

const conversation = (...texts: string[]) =>
  texts.map((text, index) => ({ role: index % 2 === 0 ? "user" : "assistant", text }));

test.each<[string, string[], string[]]>([
  ["a first question", [FRANCE], [FRANCE]],
  ["a first question that is short", ["Paris?"], ["Paris?"]],
  ["a first question with a pronoun", ["Who founded it and when?"], ["Who founded it and when?"]],
  [
    "a question that stands alone",
    [FRANCE, "Paris.", "How many days of holiday do employees get?"],
    ["How many days of holiday do employees get?"],
  ],
  [
    "a pronoun with words beside it",
    [FRANCE, "Paris.", "How many people live in its suburbs today?"],
    [
      "How many people live in its suburbs today?",
      `How many people live in its suburbs today?\n${FRANCE}\nParis.`,
    ],
  ],
  [
    "a question that goes on",
    [FRANCE, "Paris.", "And the largest river there?"],
    ["And the largest river there?", `And the largest river there?\n${FRANCE}\nParis.`],
  ],
  ["a very short one", [FRANCE, "Paris.", "Population?"], ["Population?", `Population?\n${FRANCE}\nParis.`]],
  ["one after no answer", [FRANCE, " ", "Population?"], ["Population?", `Population?\n${FRANCE}`]],
  ["one without words of its own", [FRANCE, "Paris.", "Why is that?"], [`Why is that?\n${FRANCE}\nParis.`]],
  [
    "several of these in a row",
    [FRANCE, "Paris.", "Why?", "Because.", "And why that?"],
    [`And why that?\n${FRANCE}\nParis.`],
  ],
  ["signs only", [FRANCE, "Paris.", "???"], [FRANCE]],
  ["blanks around it", ["  cheese \n"], ["cheese"]],
  ["nothing asked", [], []],
  ["no words", ["…"], []],
])("%s", (_name, texts, expected) => {
  expect(searchTexts(conversation(...texts))).toEqual(expected);
});

test("a system message is no question", () => {
  expect(searchTexts([{ role: "system", text: "Be brief." }])).toEqual([]);
});

test("a pasted page and a long answer lend only their beginnings to the next question", () => {
  const asked = "Shorten it: chapter two, please, now";
  const [, together] = searchTexts(conversation("page ".repeat(1000), "Read: ".repeat(1000), asked));
  expect(together).toMatch(/^Shorten it.*\npage page .*\nRead: Read: /s);
  expect(together?.length).toBeLessThan(700);
});
