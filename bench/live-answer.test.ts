import { expect, test } from "vitest";
import { createLiveAnswer } from "./live-answer.ts";

const event = (type: string, data: unknown, message_id = "a") => ({
  chat_id: "c",
  message_id,
  data: { type, data },
});

test("cumulative texts replace, deltas append, and the done event ends it", () => {
  const answer = createLiveAnswer("a");
  answer.take(event("chat:completion", { choices: [{ delta: { role: "assistant", content: "" } }] }), 1);
  answer.take(event("chat:completion", { content: "The" }), 10);
  answer.take(event("chat:completion", { content: "The capital" }), 15);
  answer.take(event("chat:message:delta", { content: " of" }), 40);
  answer.take(event("chat:completion", { choices: [{ delta: { content: " France" } }] }), 41);
  expect(answer).toMatchObject({
    text: "The capital of France",
    firstTextAtMs: 10,
    largestGapMs: 25,
    doneAtMs: null,
  });
  answer.take(event("chat:completion", { done: true, content: "The capital of France" }), 99);
  expect(answer).toMatchObject({ text: "The capital of France", largestGapMs: 25, doneAtMs: 99 });
});

test("events about other messages and of other kinds change nothing", () => {
  const answer = createLiveAnswer("a");
  answer.take(event("chat:completion", { content: "no", done: true }, "b"), 1);
  answer.take(event("chat:title", "no"), 2);
  answer.take({}, 3);
  expect(answer).toMatchObject({ text: "", doneAtMs: null, error: null });
});

test("an error is kept as text", () => {
  const answer = createLiveAnswer("a");
  answer.take(event("chat:completion", { error: { content: "broken" }, done: true }), 1);
  expect(answer.error).toContain("broken");
});
