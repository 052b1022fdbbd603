import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  askedChat,
  chatOf,
  expectOk,
  fetchChat,
  newChat,
  placeholder,
  userMessage,
} from "../support/chat.ts";
import { type Caller, detailOf, type Json } from "../support/http.ts";
import { openStage, type Stage } from "../support/server.ts";

let stage: Stage;
let ann: Caller;
let count = 0;

beforeAll(async () => {
  stage = await openStage();
});
beforeEach(async () => {
  count += 1;
  ann = await stage.addUser(`ann${count}`);
});
afterAll(() => stage?.close());

const messages = [
  userMessage("u", "What is it?"),
  placeholder("a", "u", { content: "A secret.", done: true }),
];
const made = async (title: string, more: Record<string, unknown> = {}): Promise<string> =>
  (await newChat(ann, chatOf(messages, { title, ...more }))).id;
const ids = async (path: string): Promise<string[]> =>
  expectOk(await ann.get(`/api/v1/chats/${path}`)).map(({ id }: Json) => id);

describe("pins and the archive", () => {
  test("a pin moves a chat from the pages to the pinned ones, and back", async () => {
    const [one, two] = [await made("One"), await made("Two")];
    expect(expectOk(await ann.post(`/api/v1/chats/${one}/pin`))).toMatchObject({ id: one, pinned: true });
    expect(expectOk(await ann.get(`/api/v1/chats/${one}/pinned`))).toBe(true);
    expect(await ids("pinned")).toEqual([one]);
    expect(await ids("?page=1")).toEqual([two]);
    expectOk(await ann.post(`/api/v1/chats/${one}/pin`));
    expect(await ids("pinned")).toEqual([]);
    expect((await ids("?page=1")).toSorted()).toEqual([one, two].toSorted());
  });

  test("an archived chat is in no other list, and loses its pin", async () => {
    const id = await made("One");
    expectOk(await ann.post(`/api/v1/chats/${id}/pin`));
    const record = expectOk(await ann.post(`/api/v1/chats/${id}/archive`));
    expect(record).toMatchObject({ archived: true, pinned: false });
    expect(await ids("")).toEqual([]);
    expect(await ids("pinned")).toEqual([]);
    expect(await ids("archived")).toEqual([id]);
    expect(expectOk(await ann.get("/api/v1/chats/archived/count"))).toBe(1);
    expectOk(await ann.post(`/api/v1/chats/${id}/archive`));
    expect(await ids("")).toEqual([id]);
  });

  test("all are archived and taken out at once, of this user only", async () => {
    const bob = await stage.addUser(`bob${count}`);
    await newChat(bob, chatOf(messages));
    const own = [await made("One"), await made("Two")];
    expect(expectOk(await ann.post("/api/v1/chats/archive/all"))).toBe(true);
    expect((await ids("archived")).toSorted()).toEqual(own.toSorted());
    expect(expectOk(await bob.get("/api/v1/chats/"))).toHaveLength(1);
    expect(expectOk(await ann.post("/api/v1/chats/unarchive/all"))).toBe(true);
    expect((await ids("")).toSorted()).toEqual(own.toSorted());
  });

  test.each([
    ["", ["Cherry", "apple", "Banana"]],
    ["order_by=title&direction=asc", ["apple", "Banana", "Cherry"]],
    ["order_by=title&direction=desc", ["Cherry", "Banana", "apple"]],
    ["query=AN", ["Banana"]],
    ["page=2", []],
  ])("archived ones by ?%s", async (query, titles) => {
    for (const title of ["Banana", "apple", "Cherry"]) await made(title);
    expectOk(await ann.post("/api/v1/chats/archive/all"));
    const listed = expectOk(await ann.get(`/api/v1/chats/archived?${query}`)).map(({ title }: Json) => title);
    expect(query === "" ? listed.toSorted() : listed).toEqual(query === "" ? titles.toSorted() : titles);
  });
});

describe("what was read", () => {
  test("a chat is unread once said so, and read with all", async () => {
    const id = await made("One");
    expect(expectOk(await ann.post(`/api/v1/chats/${id}/unread`))).toMatchObject({
      chat_id: id,
      last_read_at: 0,
    });
    expect(expectOk(await ann.get("/api/v1/chats/"))[0].last_read_at).toBe(0);
    expect(expectOk(await ann.post("/api/v1/chats/read"))).toMatchObject({ updated_count: 1 });
    expect(expectOk(await ann.get("/api/v1/chats/"))[0].last_read_at).toBeGreaterThan(0);
    const unknown = await ann.post("/api/v1/chats/nothing/unread");
    expect(unknown.status).toBe(404);
    expect(detailOf(unknown)).toContain("nothing");
  });
});

describe("tags", () => {
  test("find their chats", async () => {
    const id = await made("Tagged", { tags: [{ id: "road_trips", name: "Road Trips" }] });
    await made("Other");
    const found = expectOk(await ann.post("/api/v1/chats/tags", { name: "road trips" }));
    expect(found.map((chat: Json) => chat.id)).toEqual([id]);
    expect(expectOk(await ann.post("/api/v1/chats/tags", { name: "none" }))).toEqual([]);
  });
});

describe("a shared chat", () => {
  test("is a copy that others read, and renewed only by sharing again", async () => {
    const id = await made("Mine");
    const bob = await stage.addUser(`bob${count}`);
    const { share_id: shareId } = expectOk(await ann.post(`/api/v1/chats/${id}/share`));
    expect(expectOk(await ann.get(`/api/v1/chats/${id}`)).share_id).toBe(shareId);
    const shared = () => bob.get(`/api/v1/chats/share/${shareId}`);
    expect(expectOk(await shared())).toMatchObject({
      id: shareId,
      title: "Mine",
      user_id: expect.any(String),
    });
    expectOk(await ann.post(`/api/v1/chats/${id}`, { chat: { title: "Renamed" } }));
    expect(expectOk(await shared()).title).toBe("Mine");
    expect(expectOk(await ann.post(`/api/v1/chats/${id}/share`)).share_id).toBe(shareId);
    expect(expectOk(await shared()).title).toBe("Renamed");
    expect((await bob.get(`/api/v1/chats/${id}`)).status).toBe(401);
    expect((await bob.get(`/api/v1/chats/${shareId}`)).status).toBe(401);
    expect((await bob.delete(`/api/v1/chats/${id}/share`)).status).toBe(401);
    expect(await ids("shared")).toEqual([id]);

    const copy = expectOk(await bob.post(`/api/v1/chats/${shareId}/clone/shared`));
    expect(copy.title).toBe("Clone of Renamed");
    expect((await fetchChat(bob, copy.id)).chat.history.messages.a.content).toBe("A secret.");

    expect(expectOk(await ann.delete(`/api/v1/chats/${id}/share`))).toBe(true);
    expect((await shared()).status).toBe(401);
    expect(expectOk(await ann.get(`/api/v1/chats/${id}`)).share_id).toBeNull();
  });

  test("goes with its chat", async () => {
    const id = await made("Mine");
    const { share_id: shareId } = expectOk(await ann.post(`/api/v1/chats/${id}/share`));
    expectOk(await ann.delete(`/api/v1/chats/${id}`));
    expect((await ann.get(`/api/v1/chats/share/${shareId}`)).status).toBe(401);
  });
});

describe("copies", () => {
  test("a clone has the messages, another id, and goes on by itself", async () => {
    const id = await made("Mine");
    const clone = expectOk(await ann.post(`/api/v1/chats/${id}/clone`, {}));
    expect(clone).toMatchObject({ title: "Clone of Mine", chat: { originalChatId: id, currentId: "a" } });
    expect(clone.id).not.toBe(id);
    expectOk(await ann.delete(`/api/v1/chats/${clone.id}/messages/a`));
    expect((await fetchChat(ann, id)).chat.history.messages).toHaveProperty("a");
    expect(expectOk(await ann.post(`/api/v1/chats/${id}/clone`, { title: "Twin" })).title).toBe("Twin");
  });

  test("a fork has the branch down to a message alone", async () => {
    const { id } = await newChat(ann, chatOf([...messages, placeholder("b", "u", { content: "Other." })]));
    const fork = expectOk(await ann.post(`/api/v1/chats/${id}/fork`, { message_id: "a" }));
    expect(Object.keys(fork.chat.history.messages)).toEqual(["u", "a"]);
    expect(fork.chat.currentId).toBe("a");
    expect((await ann.post(`/api/v1/chats/${id}/fork`, { message_id: "x" })).status).toBe(404);
  });

  test("what is exported can be imported, one or several, with its marks and times", async () => {
    await made("Mine", { tags: [{ id: "t", name: "T" }] });
    const [record] = expectOk(await ann.get("/api/v1/chats/all"));
    const bob = await stage.addUser(`bob${count}`);
    const { chat, meta } = record;
    const one = expectOk(
      await bob.post("/api/v1/chats/import", { chat, meta, pinned: true, created_at: 1_700_000_000 }),
    );
    expect(one).toMatchObject({ title: "Mine", pinned: true, created_at: 1_700_000_000 });
    expect(one.id).not.toBe(record.id);
    expect((await fetchChat(bob, one.id)).chat.history.messages.a.content).toBe("A secret.");
    const several = expectOk(await bob.post("/api/v1/chats/import", { chats: [record, record] }));
    expect(several).toHaveLength(2);
    expect(several[0].chat.tags[0].name).toBe("T");
  });

  test("an export is lines of JSON for whom asks for that; the archive is apart; the database is nobody's", async () => {
    const id = await made("Mine");
    await made("Second");
    const lines = await ann.call("GET", "/api/v1/chats/all", { accept: "application/x-ndjson" });
    expect(lines.headers.get("content-type")).toContain("ndjson");
    expect(
      lines.text
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line).title),
    ).toHaveLength(2);
    expectOk(await ann.post(`/api/v1/chats/${id}/archive`));
    expect(expectOk(await ann.get("/api/v1/chats/all"))).toHaveLength(1);
    expect(expectOk(await ann.get("/api/v1/chats/all/archived"))[0].id).toBe(id);
    expect((await stage.owner.get("/api/v1/chats/all/db")).status).toBe(403);
  });

  test("a copy of a chat that is being answered is at rest", async () => {
    const chat = await askedChat(ann);
    const clone = expectOk(await ann.post(`/api/v1/chats/${chat.chatId}/clone`, {}));
    expect(expectOk(await ann.get(`/api/tasks/chat/${clone.id}`)).task_ids).toEqual([]);
  });
});

describe("a chat's parameters", () => {
  test("are merged", async () => {
    const id = await made("Mine", { params: { temperature: 0.1, top_p: 1 } });
    const reply = await ann.call("PATCH", `/api/v1/chats/${id}/params`, { body: { temperature: 0.5 } });
    expect(expectOk(reply)).toEqual({ temperature: 0.5, top_p: 1 });
    expect((await fetchChat(ann, id)).chat.params).toEqual({ temperature: 0.5, top_p: 1 });
  });
});
