import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  askedChat,
  complete,
  completionBody,
  expectOk,
  finalMessage,
  STALLED,
  STALLED_TEXT,
  stalled,
  stopChat,
  trigger,
} from "../support/chat.ts";
import { eventually } from "../support/eventually.ts";
import { type Caller, detailOf, type Json, replyText } from "../support/http.ts";
import { collectionOf, upload } from "../support/knowledge.ts";
import { openStage, type Stage } from "../support/server.ts";

const FERRY = "The ferry to Lund leaves at 09:40 every weekday.";
const TRAIN = "The train to Lund leaves at 11:15 every weekday.";
const QUESTION = "When does it leave to Lund?";
const BACKGROUND = { query: "?process_in_background=true" };

let stage: Stage;
let ann: Caller;
let ferry: Json;
let train: Json;

beforeAll(async () => {
  stage = await openStage();
  ann = await stage.addUser("ann");
  const item = async (texts: Record<string, string>) => ({
    type: "collection",
    id: (await collectionOf(ann, texts)).id,
  });
  ferry = await item({ "ferry.md": FERRY });
  train = await item({ "train.md": TRAIN });
});
afterAll(() => stage?.close());
beforeEach(() => stage.provider.reset());

const passagesOf = (message: Json) => JSON.stringify(message.sources ?? null);

describe("an answer with sources", () => {
  test("that is stopped keeps them beside its text", async () => {
    const chat = await askedChat(ann, `${QUESTION} ${STALLED}`);
    await trigger(ann, chat, { files: [ferry] });
    await stalled(stage.provider);
    await stopChat(ann, chat.chatId);
    const message = await finalMessage(ann, chat.chatId, chat.answerId);
    expect(message.content.trim()).toBe(STALLED_TEXT);
    expect(passagesOf(message)).toContain(FERRY);
  });

  test.each([
    ["an error chunk", "[[sseerror=3]]"],
    ["a cut", "[[abort=3]]"],
  ])("that %s of the provider ends keeps them, and its text to the last letter", async (_case, how) => {
    const chat = await askedChat(ann, `${QUESTION} ${how} [[json=One two three [1 four]]`);
    await complete(ann, completionBody(chat, { files: [ferry] }));
    const message = await finalMessage(ann, chat.chatId, chat.answerId);
    expect(message.error.content).toMatch(/\w+ \w+/);
    expect("One two three [1 four").toContain(message.content.trim());
    expect(message.content).not.toBe("");
    expect(passagesOf(message)).toContain(FERRY);
  });

  test.each([
    ["other material has that one's alone", () => [train], TRAIN],
    ["none has none", () => [], "null"],
  ])("that failed and is made anew from %s", async (_case, files, expected) => {
    const chat = await askedChat(ann, QUESTION);
    const ask = async (question: string, items: Json[]) => {
      const messages = [{ role: "user", content: question }];
      await complete(ann, completionBody(chat, { messages, files: items }));
      return finalMessage(ann, chat.chatId, chat.answerId);
    };
    expect(passagesOf(await ask(`${QUESTION} [[abort=1]]`, [ferry]))).toContain(FERRY);
    const again = await ask(QUESTION, files());
    expect(again.error ?? null).toBeNull();
    expect(passagesOf(again)).toContain(expected);
    expect(passagesOf(again)).not.toContain(FERRY);
  });

  test("has its sources first and [DONE] last, in the caller's stream", async () => {
    const chat = await askedChat(ann, `${QUESTION} [[usage]] [[json=At 09:40 [1] [8].]]`);
    const reply = await complete(ann, completionBody(chat, { files: [ferry] }));
    expect(reply.chunks[0]).toHaveProperty("sources");
    expect(reply.chunks.filter((chunk) => chunk.sources)).toHaveLength(1);
    expect(reply.chunks.at(-1)).toBe("[DONE]");
    expect(replyText(reply)).toBe("At 09:40 [1].");
  });

  test("has them where the model calls a tool and says nothing", async () => {
    const chat = await askedChat(ann, `${QUESTION} [[tool]]`);
    const reply = await complete(ann, completionBody(chat, { files: [ferry] }));
    expectOk(reply);
    expect(passagesOf(await finalMessage(ann, chat.chatId, chat.answerId))).toContain(FERRY);
  });
});

describe("material that is not ready", () => {
  const slow = () => stage.provider.configure({ failEmbeddings: [503, 503, 503] });
  const collectionWith = async (name: string, content: string) => {
    const file = (await upload(ann, name, content, BACKGROUND)).body;
    const { body } = await ann.post("/api/v1/knowledge/create", { name: "Fresh", description: "" });
    const added = await ann.post(`/api/v1/knowledge/${body.id}/file/add`, { file_id: file.id });
    return { added, fileId: file.id, item: { type: "collection", id: body.id } };
  };

  test.each([
    ["in the request", (item: Json) => ({ body: { files: [item] }, chat: {} })],
    ["in the chat", (item: Json) => ({ body: {}, chat: { files: [item] } })],
  ])("is refused, or waited for, when it is named %s", async (_case, place) => {
    slow();
    const { item } = await collectionWith("fresh.txt", `${FERRY} ${_case}`);
    const { body, chat: more } = place(item);
    const chat = await askedChat(ann, QUESTION, more);
    const refused = await complete(ann, completionBody(chat, body));
    expect(refused.status).toBe(400);
    expect(detailOf(refused)).toMatch(/collection "Fresh" is still processing \(fresh\.txt\)/);
    const answered = await complete(ann, completionBody(chat, { ...body, wait_for_files: true }));
    expect(answered.chunks[0].sources[0].document[0]).toContain(FERRY);
  });

  test("is waited for without a chat, too", async () => {
    slow();
    const { item } = await collectionWith("stateless.txt", `${FERRY} Without a chat.`);
    const reply = await ann.post("/api/chat/completions", {
      model: "gpt-4o",
      stream: true,
      files: [item],
      wait_for_files: true,
      messages: [{ role: "user", content: QUESTION }],
    });
    expect(reply.status, reply.text).toBe(200);
    expect(reply.chunks[0].sources[0].document[0]).toContain(FERRY);
  });

  test("and fails after it was added leaves a collection in error, which says why and can be mended", async () => {
    const failing = (status: number) =>
      stage.provider.configure({ failEmbeddings: Array.from({ length: 50 }, () => status) });
    failing(503);
    const { added, fileId, item } = await collectionWith("broken.txt", "What nobody embeds.");
    expect(expectOk(added).status).toBe("processing");
    failing(400);
    await ann.get(`/api/v1/files/${fileId}/process/status?stream=true`);
    const path = `/api/v1/knowledge/${item.id}`;
    const { body } = await ann.get(path);
    expect(body).toMatchObject({
      status: "error",
      metadata: { indexing_status: "failed", failed_files: [{ id: fileId, error: expect.any(String) }] },
    });
    const refused = await complete(ann, completionBody(await askedChat(ann, QUESTION), { files: [item] }));
    expect(refused.status).toBe(400);
    expect(detailOf(refused)).toContain(body.metadata.failed_files[0].error);
    await ann.post(`${path}/file/remove`, { file_id: fileId });
    await eventually("it is well again", async () => (await ann.get(path)).body.status === "processed");
  });
});
