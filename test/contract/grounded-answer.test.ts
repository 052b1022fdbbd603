import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  askedChat,
  complete,
  completionBody,
  expectOk,
  fetchChat,
  fetchMessage,
  finalMessage,
  trigger,
} from "../support/chat.ts";
import { eventually } from "../support/eventually.ts";
import { type Caller, detailOf, type Json, type Reply, replyText } from "../support/http.ts";
import { collectionOf, upload, uploadProcessed } from "../support/knowledge.ts";
import { openStage, type Stage } from "../support/server.ts";
import { openTab } from "../support/socket.ts";

const FERRY = "The ferry to Lund leaves at 09:40 every weekday.";

let stage: Stage;
let ann: Caller;
let bob: Caller;
let collection: Json;
let item: Json;

beforeAll(async () => {
  stage = await openStage();
  ann = await stage.addUser("ann");
  bob = await stage.addUser("bob");
  collection = await collectionOf(ann, {
    "ferry.md": `# Timetable\n\n${FERRY}`,
    "cats.txt": "Cats sleep sixteen hours a day.",
  });
  item = { id: collection.id, type: "collection", status: "processed" };
});
afterAll(() => stage?.close());
beforeEach(() => stage.provider.reset());

const QUESTION = "When does the ferry to Lund leave?";
const ask = async (caller: Caller, files: Json[], more: Json = {}): Promise<[Reply, Json]> => {
  const chat = await askedChat(caller, more.question ?? QUESTION);
  const { question: _question, ...fields } = more;
  return [await complete(caller, completionBody(chat, { files, ...fields })), chat];
};
/** What the provider was asked to answer, without what it was asked to embed. */
const asked = () => stage.provider.requests.filter(({ path }) => path.endsWith("/chat/completions"));
const sent = () => JSON.stringify(asked().at(-1)?.body?.messages);

describe("an answer from a collection", () => {
  test("is asked with the passages, and keeps its sources in the real shape", async () => {
    const [reply, { chatId, answerId }] = await ask(ann, [item]);
    expectOk(reply);
    expect(sent()).toContain(FERRY);
    expect(sent()).toContain(QUESTION);
    const [source] = reply.chunks[0].sources;
    expect(source.source).toEqual(item);
    expect(source.document[0]).toContain(FERRY);
    expect(source.metadata[0]).toMatchObject({
      name: "ferry.md",
      source: "ferry.md",
      start_index: expect.any(Number),
    });
    expect(source.metadata).toHaveLength(source.document.length);
    expect(source.distances).toHaveLength(source.document.length);
    const message = await fetchMessage(ann, chatId, answerId);
    expect(message.sources).toEqual(reply.chunks[0].sources);
    expect(message.content).toBe(replyText(reply));
    expect(asked().every(({ body }) => body?.files === undefined)).toBe(true);
  });

  test("carries its sources in a JSON reply too", async () => {
    const [reply, { chatId, answerId }] = await ask(ann, [item], { stream: false });
    expect(reply.form).toBe("completion");
    expect(reply.body.sources[0].document[0]).toContain(FERRY);
    expect((await fetchMessage(ann, chatId, answerId)).sources).toEqual(reply.body.sources);
  });

  test("tells its sources live, before the text", async () => {
    const tab = await openTab(stage.url, ann.token);
    try {
      const chat = await askedChat(ann, QUESTION);
      await trigger(ann, chat, { files: [item] });
      await finalMessage(ann, chat.chatId, chat.answerId);
      const told = await eventually("the whole answer is told", () => {
        const events = JSON.stringify(tab.events);
        return events.includes("You said") ? events : undefined;
      });
      expect(told).toContain(FERRY);
      expect(told.indexOf(FERRY)).toBeLessThan(told.indexOf("You said"));
    } finally {
      await tab.close();
    }
  });

  test("of a single file cites that file alone", async () => {
    const file = await uploadProcessed(ann, "dogs.txt", "Dogs bark at the postman.");
    const [reply] = await ask(ann, [{ type: "file", id: file.id }], { question: "What do dogs do?" });
    expect(reply.chunks[0].sources).toHaveLength(1);
    expect(reply.chunks[0].sources[0].metadata[0]).toMatchObject({ file_id: file.id, name: "dogs.txt" });
    expect(sent()).not.toContain(FERRY);
  });

  test.each([
    ["content", { content: "The harbour master is Ada." }],
    ["docs", { docs: [{ content: "The harbour master is Ada.", metadata: {} }] }],
    ["its file's data", { file: { data: { content: "The harbour master is Ada." } } }],
  ])("of a text that comes along as %s is given all of it, and cites it", async (_place, text) => {
    const notes = { type: "text", name: "notes.txt", ...text };
    const [reply] = await ask(ann, [notes, item], { question: "Who is the harbour master?" });
    expectOk(reply);
    expect(sent()).toContain("The harbour master is Ada.");
    expect(reply.chunks[0].sources[0]).toMatchObject({
      source: notes,
      document: ["The harbour master is Ada."],
      metadata: [{ name: "notes.txt", source: "notes.txt" }],
    });
  });

  test("uses the chat's own files where the request names none", async () => {
    const chat = await askedChat(ann, QUESTION, { files: [item] });
    expectOk(await complete(ann, completionBody(chat)));
    expect(sent()).toContain(FERRY);
  });

  test("without a chat is grounded as well, and stores nothing", async () => {
    const reply = await ann.post("/api/chat/completions", {
      model: "gpt-4o",
      stream: true,
      files: [item],
      messages: [{ role: "user", content: QUESTION }],
    });
    expect(reply.chunks[0].sources[0].document[0]).toContain(FERRY);
    expect(sent()).toContain(FERRY);
  });

  test("does not put the passages into titles", async () => {
    const [, { chatId }] = await ask(ann, [item], { background_tasks: { title_generation: true } });
    await expect.poll(async () => (await fetchChat(ann, chatId)).title).not.toBe("New Chat");
    const bodies = asked().map(({ body }) => JSON.stringify(body?.messages));
    expect(bodies.filter((body) => body?.includes(`${FERRY}`))).toHaveLength(1);
  });
});

describe("material that cannot be used", () => {
  const refusals: [string, () => Promise<Json> | Json, RegExp][] = [
    ["an unknown collection", () => ({ type: "collection", id: "no-such", status: "processed" }), /no-such/],
    ["an unknown file", () => ({ type: "file", id: "no-such" }), /no-such/],
    [
      "somebody else's collection",
      async () => ({ type: "collection", id: (await collectionOf(bob, { "b.txt": "B." })).id }),
      /not shared/,
    ],
    [
      "somebody else's file",
      async () => ({ type: "file", id: (await uploadProcessed(bob, "b.txt", "Bob's.")).id }),
      /not shared/,
    ],
    [
      "an empty collection",
      async () => ({ type: "collection", id: (await collectionOf(ann, {})).id }),
      /empty/,
    ],
    [
      "a file that failed",
      async () => ({ type: "file", id: (await uploadProcessed(ann, "x.pdf", "%PDF-1.7\nno")).id }),
      /cannot be used/,
    ],
    ["a type that is not known", () => ({ type: "web_search", id: "x" }), /web_search/],
    ["a text that is empty", () => ({ type: "text", name: "notes.txt", content: " " }), /notes.txt.*empty/],
    ["an item without an id", () => ({ type: "file" }), /no id/],
  ];

  test.each(refusals)(
    "%s is a 400 that says so, and nothing is asked or begun",
    async (_case, make, detail) => {
      const [reply, { chatId, answerId }] = await ask(ann, [await make()]);
      expect(reply.status).toBe(400);
      expect(detailOf(reply)).toMatch(detail);
      expect(asked()).toEqual([]);
      expect(await fetchMessage(ann, chatId, answerId)).toMatchObject({ content: "" });
      const stateless = await ann.post("/api/chat/completions", {
        model: "gpt-4o",
        files: [await make()],
        messages: [{ role: "user", content: QUESTION }],
      });
      expect(stateless.status).toBe(400);
    },
  );

  test("that is still processing is a 400, or is waited for where that is asked", async () => {
    const text = Array.from({ length: 300 }, (_, line) => `Line ${line} of a long text.`).join("\n\n");
    const file = (await upload(ann, "long.txt", text, { query: "?process_in_background=true" })).body;
    const [refused] = await ask(ann, [{ type: "file", id: file.id }]);
    expect(refused.status).toBe(400);
    expect(detailOf(refused)).toMatch(/still processing.*wait_for_files/);
    const [answered] = await ask(ann, [{ type: "file", id: file.id }], { wait_for_files: true });
    expect(answered.status).toBe(200);
    expect(answered.chunks[0].sources).toHaveLength(1);
  });

  test("that is deleted between the attaching and the asking is a 400", async () => {
    const gone = await collectionOf(ann, { "gone.txt": "Gone." });
    const chat = await askedChat(ann, QUESTION, { files: [{ type: "collection", id: gone.id }] });
    await ann.delete(`/api/v1/knowledge/${gone.id}/delete`);
    const reply = await complete(ann, completionBody(chat));
    expect(reply.status).toBe(400);
    expect(detailOf(reply)).toContain(gone.id);
  });
});

describe("citations", () => {
  test.each([
    ["name a source stay", "It leaves at 09:40 [1].", "It leaves at 09:40 [1]."],
    ["name none are dropped", "It leaves [7] at 09:40 [1][12].", "It leaves at 09:40 [1]."],
  ])("that %s, in the stream and as stored", async (_case, said, expected) => {
    const [reply, { chatId, answerId }] = await ask(ann, [item], {
      question: `${QUESTION} [[json=${said}]]`,
    });
    expect(replyText(reply)).toBe(expected);
    expect((await fetchMessage(ann, chatId, answerId)).content).toBe(expected);
  });
});
