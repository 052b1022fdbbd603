import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { askedChat, complete, completionBody, expectOk, fetchMessage } from "../support/chat.ts";
import { eventually } from "../support/eventually.ts";
import { type Caller, replyText } from "../support/http.ts";
import { collectionOf, longText, processingOf, upload, uploadProcessed } from "../support/knowledge.ts";
import { expectWholeFolder } from "../support/knowledge-folder.ts";
import { openStage, type Stage } from "../support/server.ts";

const FERRY = "The ferry to Lund leaves at 09:40 every weekday.";
const BACKGROUND = { query: "?process_in_background=true" };

let stage: Stage;
let ann: Caller;

beforeAll(async () => {
  stage = await openStage();
  ann = await stage.addUser("ann");
});
afterAll(() => stage?.close());
afterEach(async () => {
  stage.provider.reset();
  await expectWholeFolder(stage.dataDir, stage.databaseUrl);
  expect((await ann.get("/health")).status).toBe(200);
});

const state = async (id: string) => (await ann.get(`/api/v1/files/${id}/process/status`)).body;
const ended = (id: string) => processingOf(ann, id);

describe("while it is processed", () => {
  test("a file can be deleted, and who watches it hears of it", async () => {
    stage.provider.configure({ failEmbeddings: [503, 503, 503] });
    const { body } = await upload(ann, "gone.txt", longText("deleted"), BACKGROUND);
    const watching = ended(body.id);
    await eventually("it is being embedded", () => stage.provider.requests.length > 0);
    expect((await ann.delete(`/api/v1/files/${body.id}`)).status).toBe(200);
    expect((await watching).at(-1)).toEqual({
      status: "failed",
      error: expect.stringMatching(/was deleted/),
    });
    const again = await uploadProcessed(ann, "gone.txt", longText("deleted"));
    expect(again.data.status).toBe("completed");
  });

  test("a file's text can be replaced, and who watches it hears of the new one's end", async () => {
    stage.provider.configure({ failEmbeddings: [503, 503, 503] });
    const { body } = await upload(ann, "draft.txt", longText("replaced"), BACKGROUND);
    const watching = ended(body.id);
    await eventually("it is being embedded", () => stage.provider.requests.length > 0);
    const replaced = await ann.post(`/api/v1/files/${body.id}/data/content/update`, { content: "The end." });
    expect(replaced.status).toBe(200);
    expect((await watching).at(-1)).toEqual({ status: "completed" });
    expect((await ann.get(`/api/v1/files/${body.id}`)).body.data.content).toBe("The end.");
  });

  test("many replacements at once leave one text and nothing else", async () => {
    const { id } = await uploadProcessed(ann, "race.txt", "The first.");
    const texts = Array.from({ length: 8 }, (_, index) => `Replacement ${index}.`);
    const replies = await Promise.all(
      texts.map((content) => ann.post(`/api/v1/files/${id}/data/content/update`, { content })),
    );
    expect(replies.map(({ status }) => status)).toEqual(texts.map(() => 200));
    await ended(id);
    expect(texts).toContain((await ann.get(`/api/v1/files/${id}`)).body.data.content);
  });

  test("a replacement and a deletion at once end in nothing", async () => {
    const { id } = await uploadProcessed(ann, "both.txt", "To be or not.");
    await Promise.all([
      ann.post(`/api/v1/files/${id}/data/content/update`, { content: "Neither." }),
      ann.delete(`/api/v1/files/${id}`),
    ]);
    expect((await ann.get(`/api/v1/files/${id}`)).status).toBe(404);
  });
});

describe("an embedder that is away", () => {
  test("holds a file up, which says why, and is embedded once it is back", async () => {
    stage.provider.configure({ failEmbeddings: Array.from({ length: 6 }, () => 503) });
    const { body } = await upload(ann, "later.txt", "To be embedded later.", BACKGROUND);
    const held = await eventually("it says why", async () => {
      const now = await state(body.id);
      return now.error && now;
    });
    expect(held).toMatchObject({ status: "processing", error: expect.stringMatching(/503/) });
    expect((await ann.get(`/api/v1/files/${body.id}`)).body.data).toMatchObject(held);
    const { body: collection } = await ann.post("/api/v1/knowledge/create", { name: "K", description: "" });
    const added = await ann.post(`/api/v1/knowledge/${collection.id}/file/add`, { file_id: body.id });
    expect(added.body.status).toBe("processing");
    expect((await ended(body.id)).at(-1)).toEqual({ status: "completed" });
    expect((await ann.get(`/api/v1/knowledge/${collection.id}`)).body.status).toBe("processed");
  });

  test("does not keep a question from being answered by words", async () => {
    const { id } = await collectionOf(ann, { "ferry.md": FERRY });
    stage.provider.configure({ failEmbeddings: Array.from({ length: 50 }, () => 503) });
    const chat = await askedChat(ann, "When does the ferry to Lund leave?");
    const reply = await complete(ann, completionBody(chat, { files: [{ type: "collection", id }] }));
    expectOk(reply);
    expect(reply.chunks[0].sources[0].document[0]).toContain(FERRY);
    expect(replyText(reply)).toMatch(/\w/);
    const { statusHistory } = await fetchMessage(ann, chat.chatId, chat.answerId);
    expect(statusHistory).toMatchObject([{ action: "words_alone", done: true }]);
  });
});
