import { expect, test } from "vitest";
import type { FlowRecord, Lane, Step } from "./flows.ts";
import { EXPECTED_ANSWER, QUESTION } from "./inputs.ts";
import { createLedger, type FoundTurn, fateOf } from "./load-ledger.ts";

const turn = {
  chatId: "chat",
  question: QUESTION,
  ids: { userId: "user", answerId: "answer", sessionId: "session" },
};
const stored = [{ steps: [{ step: "provider_asked" }, { step: "answer_stored" }] }];
const interrupted = [{ steps: [{ step: "provider_asked" }, { step: "interrupted" }] }];

/** The chat as it is found, with an answer of these fields; without one where they are null. */
function found(answer: object | null, attempts: FoundTurn["attempts"] = stored): FoundTurn {
  const user = { id: "user", role: "user", content: QUESTION, timestamp: 0 };
  const message = { id: "answer", role: "assistant", parentId: "user", timestamp: 0, content: "", ...answer };
  const messages = answer === null ? [user] : [user, message];
  const history = {
    currentId: messages.at(-1)!.id,
    messages: Object.fromEntries(messages.map((each) => [each.id, each])),
  };
  const record = { id: "chat", title: "A title", chat: { title: "A title", messages, history } };
  return { record: record as FlowRecord, attempts };
}

const whole = { content: EXPECTED_ANSWER, done: true };
const broken = { content: EXPECTED_ANSWER.slice(0, 7), done: true, error: { content: "Interrupted" } };

test.each<[string, Step, FoundTurn, ReturnType<typeof fateOf>]>([
  ["a chat alone", "1 create", found(null), "asked"],
  ["a placeholder", "3 save placeholder", found({}), "asked"],
  ["an answer that ended before anybody knew", "4 trigger", found(whole), "whole"],
  ["an answer that was seen to its end", "7 fetch", found(whole), "whole"],
  ["an interrupted answer", "4 trigger", found(broken, interrupted), "interrupted"],
  ["one that had only just begun", "4 trigger", found({ ...broken, content: "" }, []), "interrupted"],
  ["no chat", "1 create", { record: null, attempts: [] }, { loss: "the chat is gone" }],
  ["no placeholder", "3 save placeholder", found(null), { loss: "the placeholder is gone" }],
  ["an answer without end", "4 trigger", found({}), { loss: "the answer neither ended nor was marked" }],
  [
    "a part of a text that does not say so",
    "4 trigger",
    found({ ...whole, content: "The" }),
    { loss: "the answer's text is not whole" },
  ],
  [
    "a finished answer that was taken back",
    "7 fetch",
    found(broken, interrupted),
    { loss: "a finished answer was marked as interrupted" },
  ],
  [
    "an interruption that the journal does not know",
    "4 trigger",
    found(broken, [{ steps: [{ step: "provider_asked" }] }]),
    { loss: "the journal does not tell of the interruption" },
  ],
  [
    "a stored answer without its journal",
    "7 fetch",
    found(whole, []),
    { loss: "the journal of a stored answer does not tell of it" },
  ],
])("%s after '%s'", (_name, step, what, fate) => {
  expect(fateOf({ turn, step }, what)).toEqual(fate);
});

test("the ledger knows the last step of each chat", () => {
  const ledger = createLedger();
  const lane = {} as Lane;
  ledger.note("1 create", turn, lane);
  ledger.note("3 save placeholder", turn, lane);
  ledger.note("1 create", { ...turn, chatId: "other" }, lane);
  expect(ledger.entries().map(({ step }) => step)).toEqual(["3 save placeholder", "1 create"]);
});
