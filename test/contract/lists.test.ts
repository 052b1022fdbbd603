import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chatOf, expectOk, fetchChat, newChat, placeholder, userMessage } from "../support/chat.ts";
import type { Caller, Json } from "../support/http.ts";
import { openStage, type Stage } from "../support/server.ts";

let stage: Stage;
let ann: Caller;

beforeAll(async () => {
  stage = await openStage();
  ann = await stage.addUser("ann");
});
afterAll(() => stage?.close());

const chat = (title: string, text: string, more: Record<string, unknown> = {}) =>
  chatOf([userMessage("u", text), placeholder("a", "u")], { title, ...more });
const titles = (body: Json[]) => body.map(({ title }) => title);

describe("lists", () => {
  test("page by 60, newest update first; without a page they hold all", async () => {
    const reader = await stage.addUser("reader");
    for (let index = 0; index < 65; index += 1) await newChat(reader, chat(`Chat ${index}`, "Hi"));
    const [first, second, third] = [
      expectOk(await reader.get("/api/v1/chats/?page=1")),
      expectOk(await reader.get("/api/v1/chats/?page=2")),
      expectOk(await reader.get("/api/v1/chats/?page=3")),
    ];
    expect([first.length, second.length, third.length]).toEqual([60, 5, 0]);
    const all = expectOk(await reader.get("/api/v1/chats/"));
    expect(all.map(({ id }: Json) => id)).toEqual([...first, ...second].map(({ id }: Json) => id));
    expect(new Set(all.map(({ id }: Json) => id)).size).toBe(65);
    const updates = all.map(({ updated_at }: Json) => updated_at);
    expect(updates).toEqual(updates.toSorted((a: number, b: number) => b - a));
    for (const item of all) {
      expect(item).toMatchObject({
        id: expect.any(String),
        title: expect.any(String),
        updated_at: expect.any(Number),
        created_at: expect.any(Number),
      });
    }
    expect(expectOk(await reader.get("/api/v1/chats/list?page=1"))).toEqual(first);
  });

  test.each(["0", "-1", "x", "1.5", "99999999999999999999"])("page=%s is refused or empty", async (page) => {
    const reply = await ann.get(`/api/v1/chats/?page=${page}`);
    if (reply.status === 200) expect(reply.body).toEqual(expect.any(Array));
    else expect([400, 422]).toContain(reply.status);
  });

  test("deleting answers true and is for good", async () => {
    const { id } = await newChat(ann, chat("Gone", "Hi"));
    expect(expectOk(await ann.delete(`/api/v1/chats/${id}`))).toBe(true);
    expect((await ann.get(`/api/v1/chats/${id}`)).status).toBe(401);
    expect((await ann.delete(`/api/v1/chats/${id}`)).status).toBeGreaterThanOrEqual(400);
    expect(titles(expectOk(await ann.get("/api/v1/chats/")))).not.toContain("Gone");
  });
});

describe("search", () => {
  test("finds by title and by what was said, in any case, and nothing else", async () => {
    await newChat(ann, chat("Zebra crossing", "Hello"));
    await newChat(ann, chat("Other", "A striped ZEBRA was seen"));
    await newChat(ann, chat("Third", "A horse"));
    const found = async (text: string) =>
      titles(expectOk(await ann.get(`/api/v1/chats/search?text=${encodeURIComponent(text)}`))).toSorted();
    expect(await found("zebra")).toEqual(["Other", "Zebra crossing"]);
    expect(await found("no such word anywhere")).toEqual([]);
  });

  test("of everything names the passage that holds it, else how the chat begins", async () => {
    const caller = await stage.addUser("passages");
    const long = `${"before ".repeat(60)}the Needle${" behind".repeat(60)}`;
    await newChat(caller, chat("Haystack", long));
    await newChat(caller, chat("Needle in the title", "Something else"));
    await newChat(caller, chat("Nothing", "at all"));
    const { items } = expectOk(await caller.get("/api/v1/search?q=needle"));
    expect(items.map((item: Json) => [item.title, item.snippet]).toSorted()).toEqual([
      ["Haystack", expect.stringMatching(/^….*the Needle.*…$/)],
      ["Needle in the title", "Something else"],
    ]);
  });

  test("takes filters by tag, folder, pin, archive and share among the words", async () => {
    const caller = await stage.addUser("filters");
    const ids: Record<string, string> = {};
    for (const title of ["plain", "tagged", "filed", "pinned", "archived", "shared"]) {
      ids[title] = (await newChat(caller, chat(title, `needle ${title}`))).id;
    }
    const folder = expectOk(await caller.post("/api/v1/folders/", { name: "Big Drawer" }));
    for (const [title, path, body] of [
      ["tagged", "tags", { name: "Deep Green" }],
      ["filed", "folder", { folder_id: folder.id }],
      ["pinned", "pin", {}],
      ["archived", "archive", {}],
      ["shared", "share", {}],
    ] as const) {
      expectOk(await caller.post(`/api/v1/chats/${ids[title]}/${path}`, body));
    }
    const found = async (text: string) =>
      titles(expectOk(await caller.get(`/api/v1/chats/search?text=${encodeURIComponent(text)}`)));
    expect(await found("tag:deep_green")).toEqual(["tagged"]);
    expect(await found("needle tag:Deep_Green")).toEqual(["tagged"]);
    expect(await found("horse tag:deep_green")).toEqual([]);
    expect(await found("tag:deep_green tag:other")).toEqual([]);
    expect(await found("tag:none")).not.toContain("tagged");
    expect(await found("folder:big_drawer")).toEqual(["filed"]);
    expect(await found("folder:nowhere")).toEqual([]);
    expect(await found("pinned:true")).toEqual(["pinned"]);
    expect(await found("pinned:false needle")).not.toContain("pinned");
    expect(await found("archived:true")).toEqual(["archived"]);
    expect(await found("shared:true")).toEqual(["shared"]);
    expect(expectOk(await ann.get("/api/v1/chats/search?text=tag:deep_green"))).toEqual([]);
    const { items } = expectOk(await caller.get("/api/v1/search?q=tag:deep_green"));
    expect(titles(items)).toEqual(
      titles(expectOk(await caller.get("/api/v1/chats/search?text=tag:deep_green"))),
    );
    expect(items.length).toBeGreaterThan(0);
  });

  test.each(["100%", "under_score", "'; drop table chat; --", '"quoted"', "[[", "日本", "\\"])(
    "takes %j as the text it is",
    async (odd) => {
      const { id } = await newChat(ann, chat("Odd", `It says ${odd} here`));
      const found = expectOk(await ann.get(`/api/v1/chats/search?text=${encodeURIComponent(odd)}`));
      expect(found.map((item: Json) => item.id)).toContain(id);
      for (const item of found) {
        const record = await fetchChat(ann, item.id);
        expect(JSON.stringify([record.title, record.chat.messages.map((m: Json) => m.content)])).toContain(
          JSON.stringify(odd).slice(1, -1),
        );
      }
      expectOk(await ann.delete(`/api/v1/chats/${id}`));
    },
  );
});

describe("tags", () => {
  test("are added, listed, shown in the chat, and taken away", async () => {
    const { id } = await newChat(ann, chat("Tagged", "Hi"));
    expectOk(await ann.post(`/api/v1/chats/${id}/tags`, { name: "Road Trips" }));
    const names = (tags: Json[]) => tags.map(({ name }) => name);
    expect(names(expectOk(await ann.get(`/api/v1/chats/${id}/tags`)))).toEqual(["Road Trips"]);
    expect(names(expectOk(await ann.get("/api/v1/chats/all/tags")))).toContain("Road Trips");
    expect(names((await fetchChat(ann, id)).chat.tags)).toEqual(["Road Trips"]);
    expectOk(await ann.post(`/api/v1/chats/${id}/tags`, { name: "road trips" }));
    expect(expectOk(await ann.get(`/api/v1/chats/${id}/tags`))).toHaveLength(1);
    expectOk(await ann.call("DELETE", `/api/v1/chats/${id}/tags`, { body: { name: "Road Trips" } }));
    expect(expectOk(await ann.get(`/api/v1/chats/${id}/tags`))).toEqual([]);
    expect((await fetchChat(ann, id)).chat.tags).toEqual([]);
  });
});

describe("messages", () => {
  test("a message is deleted, and the chat stays a forest", async () => {
    const messages = [
      userMessage("u1", "One?"),
      placeholder("a1", "u1", { content: "One." }),
      userMessage("u2", "Two?", { parentId: "a1" }),
      placeholder("a2", "u2", { content: "Two." }),
    ];
    const { id } = await newChat(ann, chatOf(messages));
    const reply = await ann.delete(`/api/v1/chats/${id}/messages/a2`);
    expect(reply.status, reply.text).toBe(200);
    const { chat: left } = await fetchChat(ann, id);
    expect(Object.keys(left.history.messages)).toEqual(["u1", "a1", "u2"]);
    expect(left.currentId).toBe("u2");
    expect(left.history.messages.u2.childrenIds).toEqual([]);
    expect((await ann.delete(`/api/v1/chats/${id}/messages/a2`)).status).toBeGreaterThanOrEqual(400);
  });

  test("one in the middle is deleted without leaving orphans", async () => {
    const messages = [
      userMessage("u1", "One?"),
      placeholder("a1", "u1", { content: "One." }),
      userMessage("u2", "Two?", { parentId: "a1" }),
    ];
    const { id } = await newChat(ann, chatOf(messages));
    expectOk(await ann.delete(`/api/v1/chats/${id}/messages/a1`));
    const { chat: left } = await fetchChat(ann, id);
    const ids = Object.keys(left.history.messages);
    expect(ids).not.toContain("a1");
    for (const message of Object.values<Json>(left.history.messages)) {
      if (message.parentId !== null) expect(ids).toContain(message.parentId);
      for (const child of message.childrenIds) expect(ids).toContain(child);
    }
    if (left.currentId !== null) expect(ids).toContain(left.currentId);
  });
});
