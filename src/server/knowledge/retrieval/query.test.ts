import { expect, test } from "vitest";
import { EARLIER_WEIGHT, searchTexts } from "./query.ts";

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
    ["How many people live in its suburbs today?", `${FRANCE}\nHow many people live in its suburbs today?`],
  ],
  [
    "a question that goes on",
    [FRANCE, "Paris.", "And the largest river there?"],
    ["And the largest river there?", `${FRANCE}\nAnd the largest river there?`],
  ],
  ["a very short one", [FRANCE, "Paris.", "Population?"], ["Population?", `${FRANCE}\nPopulation?`]],
  ["one without words of its own", [FRANCE, "Paris.", "Why is that?"], [`${FRANCE}\nWhy is that?`]],
  [
    "several of these in a row",
    [FRANCE, "Paris.", "Why?", "Because.", "And why that?"],
    [`${FRANCE}\nAnd why that?`],
  ],
  ["signs only", [FRANCE, "Paris.", "???"], [FRANCE]],
  ["blanks around it", ["  cheese \n"], ["cheese"]],
  ["nothing asked", [], []],
  ["no words", ["…"], []],
])("%s", (_name, texts, expected) => {
  expect(searchTexts(conversation(...texts)).map(({ text }) => text)).toEqual(expected);
});

test("the question itself counts most", () => {
  const texts = searchTexts(conversation(FRANCE, "Paris.", "Population?"));
  expect(texts.map(({ weight }) => weight)).toEqual([1, EARLIER_WEIGHT]);
});

test("a system message is no question", () => {
  expect(searchTexts([{ role: "system", text: "Be brief." }])).toEqual([]);
});

test("a pasted page lends only its beginning to the next question", () => {
  const [, together] = searchTexts(
    conversation("page ".repeat(1000), "Read.", "Shorten it: chapter two, please, now"),
  );
  expect(together?.text.length).toBeLessThan(500);
});
