import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { missingPrograms, runScript, type ScriptFiles } from "../support/script.ts";
import { openStage, type Stage } from "../support/server.ts";

const SCRIPT = join(import.meta.dirname, "newer-edition.sh");
const ANSWER = "The capital of France is Paris.";
const missing = missingPrograms("bash", "curl", "jq");

describe.skipIf(missing.length > 0)("the tutorial's newer edition, by bash, curl and jq", () => {
  let stage: Stage;
  let files: ScriptFiles;
  const ids = { U1: randomUUID(), A1: randomUUID(), U2: randomUUID(), A2: randomUUID() };
  const env = () => ({
    HOST: stage.url,
    TOKEN: stage.owner.token,
    SESSION: randomUUID(),
    NOW: "1720000000",
    ...ids,
  });
  const json = (name: string) => JSON.parse(files[name]!);

  beforeAll(async () => {
    stage = await openStage();
    files = await runScript(SCRIPT, env());
  });
  afterAll(() => stage?.close());

  test("step 1 keeps both messages, with the root's parentId filled in", () => {
    const { chat } = json("1-create.json");
    expect(chat.history.messages[ids.U1]).toMatchObject({ parentId: null, childrenIds: [ids.A1] });
    expect(chat.history.messages[ids.A1]).toMatchObject({
      parentId: ids.U1,
      done: false,
      timestamp: 1720000001,
    });
    expect(chat.currentId).toBe(ids.A1);
  });

  test("step 3, the poll of history.messages, ends on the whole answer", () => {
    expect(files["3-answer.txt"]).toBe(`${ANSWER}\n`);
    expect(files["waits.txt"]).toBeUndefined();
  });

  test("step 4 has the answer, without chat/completed", () => {
    const { chat } = json("4-final.json");
    expect(chat.history.messages[ids.A1]).toMatchObject({ content: ANSWER, done: true });
    expect(chat.messages[1]).toMatchObject({ id: ids.A1, content: ANSWER, done: true });
  });

  test("the next turn is merged: what it leaves out is kept, what it names in part keeps its rest", () => {
    const { chat } = json("5-next.json");
    expect(chat.history.messages[ids.A1]).toMatchObject({
      content: ANSWER,
      done: true,
      role: "assistant",
      childrenIds: [ids.U2],
    });
    expect(Object.keys(chat.history.messages)).toHaveLength(4);
    expect(chat.messages.map((message: { id: string }) => message.id)).toEqual(Object.values(ids));
    expect(chat.currentId).toBe(ids.A2);
  });

  test("the second answer stands beside the first", () => {
    const { chat, title } = json("8-final.json");
    expect(chat.history.messages[ids.A1].content).toBe(ANSWER);
    expect(chat.history.messages[ids.A2]).toMatchObject({
      parentId: ids.U2,
      done: true,
      content: expect.stringContaining("And of Italy?"),
    });
    expect(files["7-answer.txt"]!.trim()).toBe(chat.history.messages[ids.A2].content);
    expect(title).not.toBe("");
  });

  test("the poll waits while the answer is being made and never takes a part for the whole", async () => {
    stage.provider.configure({ delayMs: 60 });
    const slow = await runScript(SCRIPT, { ...env(), STEP4: "background", POLL_SECONDS: "0.1" });
    stage.provider.configure({ delayMs: 0 });
    expect(slow["waits.txt"]).toContain("waiting");
    expect(slow["3-answer.txt"]).toBe(`${ANSWER}\n`);
  });
});
