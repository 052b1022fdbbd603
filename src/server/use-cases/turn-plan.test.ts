import { describe, expect, it } from "vitest";
import type { Forest } from "../../chat-tree/index.ts";
import type { CompletionRequest } from "../../contract/completion.ts";
import { answerTargets, decideAgain, placeTurn } from "./turn-plan.ts";

const forest: Forest = {
  messages: new Map([
    ["u", { id: "u", parentId: null, childrenIds: ["a"], role: "user" }],
    ["a", { id: "a", parentId: "u", childrenIds: [], role: "assistant" }],
  ]),
  currentId: "a",
};

const ask = (text: string) => ({ messages: [{ role: "user" as const, content: text }] });

function place(request: Partial<CompletionRequest>, isPlaceholderStored = false) {
  const textOf = (id: string) => (id === "u" ? "Hi" : "");
  return placeTurn({
    request: { model: "m", ...request },
    forest,
    isPlaceholderStored,
    textOf,
    newId: () => "new",
  });
}

describe("where an answer stands", () => {
  it.each<[string, Partial<CompletionRequest>, boolean, string | undefined, string | null | undefined]>([
    ["under a stored user message that is named", { user_message: { id: "u" } }, false, "u", undefined],
    ["under parent_id alone", { parent_id: "u" }, false, "u", undefined],
    ["where its placeholder stands", ask("Other"), true, undefined, undefined],
    ["under the current question asked again", ask("Hi"), false, "u", undefined],
    ["under the current question if nothing is asked", {}, false, "u", undefined],
    ["under a question that is appended first", ask("Next"), false, "new", "a"],
    ["under a new user message at the end", { user_message: { id: "u2", content: "x" } }, false, "u2", "a"],
    [
      "under a new user message at its own parent",
      { user_message: { id: "u2", content: "x", parentId: "u" } },
      false,
      "u2",
      "u",
    ],
    [
      "under a new user message at parent_id",
      { parent_id: "u", user_message: { id: "u2", content: "x" } },
      false,
      "u2",
      "u",
    ],
    ["under a new root", { user_message: { id: "u2", content: "x", parentId: null } }, false, "u2", null],
    [
      "under a user message that parent_id repeats",
      { parent_id: "u2", user_message: { id: "u2", content: "x" } },
      false,
      "u2",
      "a",
    ],
  ])("%s", (_rule, request, isStored, answerParentId, newParentId) => {
    const found = place(request, isStored);
    expect(found.answerParentId).toBe(answerParentId);
    expect(found.newUserMessage?.parentId).toBe(newParentId);
  });

  it.each<[string, Partial<CompletionRequest>, string]>([
    ["a parent that is not there", { parent_id: "x" }, "conflict"],
    [
      "a user message whose parent is not there",
      { user_message: { id: "y", content: "x", parentId: "z" } },
      "conflict",
    ],
    ["a new user message without content", { user_message: { id: "y" } }, "bad_input"],
  ])("%s is refused", (_rule, request, code) => {
    expect(() => place(request)).toThrowError(expect.objectContaining({ code }));
  });
});

describe("the answers that a request asks for", () => {
  it.each<[string, Partial<CompletionRequest>, unknown]>([
    ["one, by id", { id: "a" }, [{ model: "m", messageId: "a", modelIdx: 0 }]],
    ["one, named here", {}, [{ model: "m", messageId: "new", modelIdx: 0 }]],
    [
      "a list",
      {
        message_ids: [
          { model_id: "x", message_id: "1" },
          { model_id: "y", message_id: "2", modelIdx: 5 },
        ],
      },
      [
        { model: "x", messageId: "1", modelIdx: 0 },
        { model: "y", messageId: "2", modelIdx: 5 },
      ],
    ],
    ["the older dict", { message_ids: { x: "1" } }, [{ model: "x", messageId: "1", modelIdx: 0 }]],
  ])("%s", (_rule, request, targets) => {
    expect(answerTargets({ model: "m", ...request }, () => "new")).toEqual(targets);
  });
});

describe("the same id again", () => {
  const answer = { role: "assistant" as const, content: "Paris. " };
  const again = (fields: Partial<Parameters<typeof decideAgain>[0]>) =>
    decideAgain({
      request: { model: "m" },
      messageId: "a",
      state: "none",
      text: "",
      hasError: false,
      isSameAsRunning: null,
      ...fields,
    });

  it.each<[string, Partial<Parameters<typeof decideAgain>[0]>, string]>([
    ["an untouched placeholder starts", {}, "start"],
    ["the same request joins", { state: "running", isSameAsRunning: true }, "join"],
    ["another one is refused while it runs", { state: "running", isSameAsRunning: false }, "refuse"],
    ["one that nobody makes any more runs again", { state: "running" }, "rerun"],
    ["after an error it runs again", { state: "final", text: "part", hasError: true }, "rerun"],
    ["a final one is refused", { state: "final", text: "Paris." }, "refuse"],
    ["an empty final one is refused", { state: "final" }, "refuse"],
    ["a text that no task made is refused", { text: "Paris." }, "refuse"],
    [
      "messages that end with the answer continue it",
      { state: "final", text: "Paris.", request: { model: "m", messages: [answer] } },
      "continue",
    ],
    [
      "assistant_message_id continues it",
      { state: "final", text: "Paris.", request: { model: "m", assistant_message_id: "a" } },
      "continue",
    ],
  ])("%s", (_rule, fields, decision) => {
    expect(again(fields)).toBe(decision);
  });
});
