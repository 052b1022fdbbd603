import { setImmediate } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import * as z from "zod";
import {
  ANSWER,
  askInput,
  closeStages,
  OLDEST,
  openStage,
  QUESTION,
  shownBranch,
  versionOf,
} from "../../test/support/flow-stage.ts";
import { createOffstage } from "./create-offstage.ts";
import type { TurnEvent } from "./turn-event.ts";

afterEach(closeStages);

async function eventsOf(turn: AsyncIterable<TurnEvent>): Promise<TurnEvent[]> {
  const events: TurnEvent[] = [];
  for await (const event of turn) events.push(event);
  return events;
}

describe("one running completion per chat", () => {
  it("queues turns of the same chat in the order of asking", async () => {
    const { offstage, server } = openStage();
    const { chatId } = await offstage.ask(askInput()).answer();
    const turns = ["one", "two", "three"].map((content) => offstage.ask(askInput({ chatId, content })));
    await Promise.all(turns.map((turn) => turn.answer()));
    expect(shownBranch(server).filter((_, index) => index % 2 === 0)).toEqual([
      QUESTION,
      "one",
      "two",
      "three",
    ]);
  });

  it("waits for an answer that somebody else is having made", async () => {
    const { offstage, server } = openStage();
    const { chatId } = await offstage.ask(askInput()).answer();
    server.tasks.set("foreign", { id: "foreign", chatId, stopped: false });
    const turn = offstage.ask(askInput({ chatId, content: "next" }));
    while (server.requests.filter(({ path }) => path.includes("/tasks/chat/")).length < 8)
      await setImmediate();
    expect(server.completions).toHaveLength(1);
    server.tasks.delete("foreign");
    await turn.answer();
    expect(server.completions).toHaveLength(2);
  });

  it("lets a waiting turn be cancelled without touching the chat", async () => {
    const { offstage, server } = openStage();
    const { chatId } = await offstage.ask(askInput()).answer();
    const running = offstage.ask(askInput({ chatId, content: "one" }));
    expect(await offstage.ask(askInput({ chatId, content: "two" })).cancel()).toBe("cancelled");
    await running.answer();
    expect(shownBranch(server)).toEqual([QUESTION, ANSWER, "one", "You asked: one"]);
  });
});

describe("somebody else's writes", () => {
  it("that undo ours before the answer is asked for are written over", async () => {
    const { offstage, server } = openStage(OLDEST);
    const { chatId } = await offstage.ask(askInput()).answer();
    const stale = structuredClone(server.chats.get(chatId)?.chat.history);
    let undone = false;
    server.before = ({ method, path }) => {
      const record = server.chats.get(chatId);
      const ours = Object.keys(record?.chat.history.messages ?? {}).length > 2;
      if (undone || !ours || method !== "GET" || !path.endsWith(chatId) || record === undefined) return;
      undone = true;
      if (stale !== undefined) record.chat.history = structuredClone(stale);
    };
    await offstage.ask(askInput({ chatId, content: "next" })).answer();
    expect(shownBranch(server)).toEqual([QUESTION, ANSWER, "next", "You asked: next"]);
  });

  it("a chat that the tutorial's literal calls made is gone on with", async () => {
    const { offstage, server } = openStage();
    const user = { id: "user-msg-id", role: "user" as const, content: "Hi", timestamp: 1_720_000_000_000 };
    const assistant = {
      id: "assistant-msg-id",
      role: "assistant" as const,
      content: "Hello.",
      parentId: user.id,
    };
    const history = { current_id: assistant.id, messages: { [user.id]: user, [assistant.id]: assistant } };
    const { id } = await offstage.client.createChat({ title: "t", messages: [user, assistant], history });
    await offstage.ask(askInput({ chatId: id })).answer();
    expect(shownBranch(server)).toEqual(["Hi", "Hello.", QUESTION, ANSWER]);
  });
});

describe("what ends a turn early", () => {
  it("an expired token blocks it", async () => {
    const { offstage, server } = openStage();
    server.refusal = { status: 401, detail: "Your session has expired or the token is invalid." };
    const turn = offstage.ask(askInput());
    await expect(turn.answer()).rejects.toMatchObject({ code: "unauthorized" });
    expect(turn.state).toBe("blocked");
  });

  it("an unknown chat fails it", async () => {
    const { offstage } = openStage();
    await expect(offstage.ask(askInput({ chatId: "nope" })).answer()).rejects.toMatchObject({
      code: "not_found",
    });
  });

  it("its deadline fails it, and says where the answer may still come", async () => {
    const { offstage, server } = openStage();
    server.answer = () => ({ words: Array.from({ length: 1_000 }, () => "word ") });
    const turn = offstage.ask(askInput({ timeoutMs: 5_000 }));
    const error = await turn.answer().catch((thrown) => thrown);
    expect(error).toMatchObject({ code: "timed_out", details: { chatId: turn.chatId } });
    expect(error.message).toContain(turn.chatId);
  });

  it("a signal cancels it", async () => {
    const { offstage, server } = openStage();
    server.answer = () => ({ words: Array.from({ length: 1_000 }, () => "word ") });
    const abort = new AbortController();
    const turn = offstage.ask(askInput({ signal: abort.signal }));
    for await (const event of turn) if (event.type === "state" && event.state === "triggered") break;
    abort.abort();
    await expect(turn.answer()).rejects.toMatchObject({ code: "cancelled" });
    expect(server.tasks.size).toBe(0);
  });

  it("closing leaves the server at work", async () => {
    const { offstage, server } = openStage();
    server.answer = () => ({ words: Array.from({ length: 20 }, () => "word ") });
    const turn = offstage.ask(askInput());
    for await (const event of turn) if (event.type === "state" && event.state === "triggered") break;
    await offstage.close();
    expect(server.tasks.size).toBe(1);
    await expect(turn.answer()).rejects.toMatchObject({ code: "cancelled" });
    expect(() => offstage.ask(askInput())).toThrow("closed");
  });

  it.each([
    ["nothing to ask", { content: " " }],
    ["no model", { model: "" }],
    ["a parent without its chat", { parentId: "x" }],
    ["regenerate without its chat", { regenerate: "x" }],
    ["a time-out of nothing", { timeoutMs: 0 }],
    ["resume without ids", { resume: true }],
  ])("%s is refused at once", (_, input) => {
    const { offstage } = openStage();
    expect(() => offstage.ask(askInput(input))).toThrow(expect.objectContaining({ code: "bad_input" }));
  });

  it("needs a server", () => {
    expect(() => createOffstage({})).toThrow("baseUrl");
  });
});

describe("what a turn asks for", () => {
  it("is passed on as given", async () => {
    const { offstage, server } = openStage();
    await offstage
      .ask(
        askInput({
          system: "Be brief.",
          features: { web_search: true },
          variables: { "{{USER_NAME}}": "" },
          filterIds: ["f"],
          params: { temperature: 0 },
          sessionId: "session-id",
          backgroundTasks: { tags_generation: true },
          files: [{ id: "c", type: "collection", status: "processed" }],
        }),
      )
      .answer();
    expect(server.completions[0]?.body).toMatchObject({
      stream: true,
      session_id: "session-id",
      features: { web_search: true },
      variables: { "{{USER_NAME}}": "" },
      filter_ids: ["f"],
      params: { temperature: 0, function_calling: "legacy" },
      background_tasks: { tags_generation: true },
      files: [{ id: "c", type: "collection", status: "processed" }],
      messages: [
        { role: "system", content: "Be brief." },
        { role: "user", content: QUESTION },
      ],
    });
  });

  it("waits until its files are processed", async () => {
    const { offstage, server } = openStage();
    let looks = 0;
    server.file = (id) => ({ id, data: { status: ++looks < 4 ? "pending" : "completed" } });
    const turn = offstage.ask(askInput({ files: [{ id: "f", type: "file" }] }));
    const states = (await eventsOf(turn)).flatMap((event) => (event.type === "state" ? [event.state] : []));
    expect(states[0]).toBe("waiting-for-files");
    expect(server.completions[0]?.body.files).toEqual([{ id: "f", type: "file", status: "processed" }]);
  });

  it("refuses a file that could not be processed", async () => {
    const { offstage, server } = openStage();
    server.file = (id) => ({ id, data: { status: "failed" } });
    const turn = offstage.ask(askInput({ files: [{ id: "f", type: "file" }] }));
    await expect(turn.answer()).rejects.toMatchObject({ code: "bad_input" });
    expect(server.chats.size).toBe(0);
  });

  it("stores what outlet filters made, where only chat/completed runs them", async () => {
    const { offstage, server } = openStage(versionOf("0.8.12"));
    server.completed = (body) => ({
      ...body,
      messages: body.messages.map((message: { role: string; content: string }) =>
        message.role === "assistant" ? { ...message, content: `${message.content} (filtered)` } : message,
      ),
    });
    const answer = await offstage.ask(askInput({ outletFilters: true })).answer();
    expect(answer.text).toBe(`${ANSWER} (filtered)`);
    expect(shownBranch(server)).toEqual([QUESTION, `${ANSWER} (filtered)`]);
  });

  it("one model's failure leaves the others' answers", async () => {
    const { offstage, server } = openStage();
    server.answer = ({ model }) => (model === "a" ? { words: [], error: "no" } : { words: ["yes"] });
    const answer = await offstage.ask({ models: ["a", "b"], content: QUESTION }).answer();
    expect(answer.text).toBe("yes");
    expect(answer.answers.map(({ error }) => error?.code ?? null)).toEqual(["model_failed", null]);
  });
});

describe("JSON", () => {
  const schema = z.object({ capital: z.string() });

  it("is asked for once more, with what was wrong, where that is allowed", async () => {
    const { offstage, server } = openStage();
    const words = ['{"town": "Paris"}', '```json\n{"capital": "Paris"}\n```'];
    server.answer = () => ({ words: [words[server.completions.length - 1] ?? ""] });
    const answer = await offstage.ask({ ...askInput(), schema, reask: true }).answer();
    expect(await answer.json()).toEqual({ capital: "Paris" });
    expect(server.completions[1]?.body.messages.at(-1)?.content).toContain("capital");
    expect(shownBranch(server)).toHaveLength(4);
  });

  it("is refused otherwise, with the issues", async () => {
    const { offstage } = openStage();
    const answer = await offstage.ask(askInput({ content: '{"town": "Paris"}' })).answer();
    await expect(answer.json(schema)).rejects.toMatchObject({ code: "answer_invalid" });
  });
});
