import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { missingPrograms, runScript, type ScriptFiles } from "../support/script.ts";
import { openStage, type Stage } from "../support/server.ts";

const SCRIPT = join(import.meta.dirname, "first-edition.sh");
const ANSWER = "The capital of France is Paris.";
const missing = missingPrograms("bash", "curl", "jq");

describe.skipIf(missing.length > 0)("the tutorial's first edition, by bash, curl and jq", () => {
  let stage: Stage;
  let files: ScriptFiles;
  const json = (name: string) => JSON.parse(files[name]!);

  beforeAll(async () => {
    stage = await openStage();
    files = await runScript(SCRIPT, { HOST: stage.url, TOKEN: stage.owner.token });
  });
  afterAll(() => stage?.close());

  test("step 1 answers the Create Chat Response inside the record", () => {
    const created = json("1-create.json");
    expect(created).toMatchObject({
      success: true,
      id: created.chat.id,
      chat: {
        title: "New Chat",
        models: ["gpt-4o"],
        files: [],
        tags: [],
        params: {},
        timestamp: expect.any(Number),
        currentId: "user-msg-id",
        history: { current_id: "user-msg-id", messages: { "user-msg-id": { timestamp: 1720000000000 } } },
      },
    });
    expect(created.chat.messages.map((message: { id: string }) => message.id)).toEqual(["user-msg-id"]);
  });

  test("step 3 puts the empty answer into both places and links it", () => {
    const { chat } = json("3-update.json");
    expect(chat.messages.map((message: { id: string }) => message.id)).toEqual([
      "user-msg-id",
      "assistant-msg-id",
    ]);
    expect(chat.currentId).toBe("assistant-msg-id");
    expect(chat.history).toMatchObject({ currentId: "assistant-msg-id", current_id: "assistant-msg-id" });
    expect(chat.history.messages["user-msg-id"]).toMatchObject({
      parentId: null,
      childrenIds: ["assistant-msg-id"],
    });
    expect(chat.history.messages["assistant-msg-id"]).toMatchObject({
      parentId: "user-msg-id",
      childrenIds: [],
      model: "gpt-4o",
      content: "",
      timestamp: 1720000001000,
    });
  });

  test("step 4 streams the answer to curl and ends it with [DONE]", () => {
    const data = files["4-completion.txt"]!.split("\n").filter((line) => line.startsWith("data: "));
    const texts = data
      .slice(0, -1)
      .map((line) => JSON.parse(line.slice(6)).choices?.[0]?.delta?.content ?? "");
    expect(texts.join("")).toBe(ANSWER);
    expect(data.at(-1)).toBe("data: [DONE]");
  });

  test("step 5, the poll of chat.messages[], ends on the whole answer", () => {
    expect(json("5-poll.json").chat.messages[1]).toMatchObject({
      id: "assistant-msg-id",
      content: ANSWER,
      done: true,
    });
    expect(files["5-waits.txt"]).toBeUndefined();
  });

  test("step 6 echoes", () => {
    expect(files["6-completed.status"]).toBe("200\n");
    expect(json("6-completed.json")).toMatchObject({ id: "assistant-msg-id", session_id: "session-id" });
  });

  test("step 7 has the answer in both places and the title", () => {
    const final = json("7-final.json");
    expect(final.title).toContain("Capital of France");
    expect(final.chat.title).toBe(final.title);
    expect(final.chat).toMatchObject({ id: final.id, models: ["gpt-4o"], currentId: "assistant-msg-id" });
    for (const message of [final.chat.messages[1], final.chat.history.messages["assistant-msg-id"]]) {
      expect(message).toMatchObject({
        content: ANSWER,
        parentId: "user-msg-id",
        done: true,
        timestamp: 1720000001000,
      });
    }
    expect(final, "the Final Chat Response is .chat, not repeated on top").not.toHaveProperty("messages");
  });

  test("what needs knowledge is refused clearly and leaves the chat as it was", () => {
    for (const name of ["4.1-knowledge", "knowledge"]) {
      expect(files[`${name}.status`], name).toMatch(/^4\d\d$/m);
      expect(json(`${name}.json`).detail, name).toMatch(/\w+ \w+/);
    }
    const { chat } = json("4.1-chat.json");
    expect(chat.currentId).toBe("assistant-msg-id");
    expect(chat.history.messages["assistant-msg-id"]).toMatchObject({
      content: "",
      parentId: "user-msg-id",
    });
  });

  test("models/model knows the provider's model", () => {
    expect(files["model.status"]).toBe("200\n");
    expect(json("model.json")).toMatchObject({
      id: "gpt-4o",
      name: expect.any(String),
      model: "gpt-4o",
      base_model_id: expect.toSatisfy((id) => id === null || id === "gpt-4o"),
      meta: { capabilities: expect.any(Array) },
      params: {},
      created_at: expect.any(Number),
      updated_at: expect.any(Number),
    });
  });

  test("a further message named alone is appended and deletes nothing", () => {
    const { chat } = json("8-more.json");
    expect(chat.messages.map((message: { id: string }) => message.id)).toEqual([
      "user-msg-id",
      "assistant-msg-id",
      "new-user-msg-id",
    ]);
    expect(chat.currentId).toBe("new-user-msg-id");
    expect(chat.history.messages["new-user-msg-id"].parentId).toBe("assistant-msg-id");
    expect(chat.history.messages["assistant-msg-id"].content).toBe(ANSWER);
  });

  test("its answer is made under it", () => {
    const { chat } = json("9-chat.json");
    expect(chat.messages.map((message: { id: string }) => message.id)).toEqual([
      "user-msg-id",
      "assistant-msg-id",
      "new-user-msg-id",
      "new-assistant-msg-id",
    ]);
    expect(chat.history.messages["new-assistant-msg-id"]).toMatchObject({
      role: "assistant",
      parentId: "new-user-msg-id",
      content: expect.stringContaining("Can you tell me more"),
      model: "gpt-4o",
      done: true,
    });
  });

  test("an answer in a code block cleans to JSON", () => {
    expect(json("cleaned.json")).toEqual({ result: ANSWER, confidence: 0.99 });
  });

  test("the poll waits while the answer is being made and never takes a part for the whole", async () => {
    stage.provider.configure({ delayMs: 60 });
    const slow = await runScript(SCRIPT, {
      HOST: stage.url,
      TOKEN: stage.owner.token,
      STEP4: "background",
      POLL_SECONDS: "0.1",
    });
    stage.provider.configure({ delayMs: 0 });
    expect(slow["5-waits.txt"]).toContain("waiting");
    expect(JSON.parse(slow["5-poll.json"]!).chat.messages[1].content).toBe(ANSWER);
  });
});
