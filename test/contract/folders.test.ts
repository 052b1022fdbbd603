import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chatOf, expectOk, newChat, placeholder, userMessage } from "../support/chat.ts";
import { type Caller, detailOf, type Json } from "../support/http.ts";
import { openStage, type Stage } from "../support/server.ts";

let stage: Stage;
let ann: Caller;
let count = 0;

beforeAll(async () => {
  stage = await openStage();
  ann = await stage.addUser("ann");
});
afterAll(() => stage?.close());

const folder = async (name: string, parentId?: string): Promise<Json> =>
  expectOk(await ann.post("/api/v1/folders/", { name, ...(parentId ? { parent_id: parentId } : {}) }));
const listed = async (): Promise<Json[]> => expectOk(await ann.get("/api/v1/folders/"));
const unique = (name: string) => {
  count += 1;
  return `${name} ${count}`;
};
const chatIn = async (folderId: string | null): Promise<string> => {
  const messages = [userMessage("u", "Hi"), placeholder("a", "u", { content: "Hello." })];
  return expectOk(await ann.post("/api/v1/chats/new", { chat: chatOf(messages), folder_id: folderId })).id;
};

describe("folders", () => {
  test("are made, listed by name, renamed, opened and read", async () => {
    const { id } = await folder("Zoo");
    await folder("Alps");
    expect((await listed()).map(({ name }) => name)).toEqual(["Alps", "Zoo"]);
    expectOk(await ann.post(`/api/v1/folders/${id}/update`, { name: "Zoos", meta: { icon: "x" } }));
    expectOk(await ann.post(`/api/v1/folders/${id}/update/expanded`, { is_expanded: true }));
    expect(expectOk(await ann.get(`/api/v1/folders/${id}`))).toMatchObject({
      name: "Zoos",
      meta: { icon: "x" },
      is_expanded: true,
      parent_id: null,
    });
  });

  test("have names of their own beside each other", async () => {
    const { id } = await folder("Taken");
    const again = await ann.post("/api/v1/folders/", { name: "taken" });
    expect(again.status).toBe(400);
    expect(detailOf(again)).toContain("taken");
    expect((await folder("Taken", id)).parent_id).toBe(id);
  });

  test.each([{ name: "" }, { name: "  " }, {}, { name: 1 }, { name: "x".repeat(2_000) }])(
    "%o makes none",
    async (body) => {
      expect((await ann.post("/api/v1/folders/", body)).status).toBe(422);
    },
  );

  test("lie in others, never in themselves", async () => {
    const outer = await folder(unique("outer"));
    const inner = await folder(unique("inner"), outer.id);
    const move = (id: string, parentId: string | null) =>
      ann.post(`/api/v1/folders/${id}/update/parent`, { parent_id: parentId });
    for (const [id, parentId] of [
      [outer.id, inner.id],
      [outer.id, outer.id],
    ]) {
      expect((await move(id, parentId)).status).toBe(400);
    }
    expect((await move(inner.id, "nothing")).status).toBe(404);
    expect(expectOk(await move(inner.id, null)).parent_id).toBeNull();
  });
});

describe("chats in folders", () => {
  test("are in the folder's lists, not on the pages", async () => {
    const { id } = await folder(unique("chats"));
    const [made, moved] = [await chatIn(id), await chatIn(null)];
    const record = expectOk(await ann.post(`/api/v1/chats/${moved}/folder`, { folder_id: id }));
    expect(record.folder_id).toBe(id);
    for (const path of ["", "/list", "/list?page=1"]) {
      const rows = expectOk(await ann.get(`/api/v1/chats/folder/${id}${path}`));
      expect(rows.map((row: Json) => row.id).toSorted()).toEqual([made, moved].toSorted());
      const record = expectOk(await ann.get(`/api/v1/chats/${made}`));
      const whole = rows.find((row: Json) => row.id === made);
      if (path === "") expect(whole.chat).toEqual(record.chat);
      else expect(whole).not.toHaveProperty("chat");
    }
    const page = expectOk(await ann.get(`/api/v1/folders/${id}/shared/chats?page=1&sort_by=title`));
    expect(page).toMatchObject({ total: 2, has_more: false, folder_permission: "write" });
    expect(page.chats[0]).toMatchObject({ owner_name: "ann", readonly: false });
    const paged = expectOk(await ann.get("/api/v1/chats/?page=1")).map((row: Json) => row.id);
    expect(paged).not.toContain(moved);
    const shown = (await listed()).find((row) => row.id === id);
    expect(shown.items.chats).toHaveLength(2);
    expectOk(await ann.post(`/api/v1/chats/${moved}/folder`, { folder_id: null }));
    const after = expectOk(await ann.get("/api/v1/chats/?page=1")).map((row: Json) => row.id);
    expect(after).toContain(moved);
  });

  test("cannot be made in a folder that is not there", async () => {
    const body = { chat: chatOf([userMessage("u", "Hi")]), folder_id: "nothing" };
    expect((await ann.post("/api/v1/chats/new", body)).status).toBe(404);
    const { id } = await newChat(ann, chatOf([userMessage("u", "Hi")]));
    expect((await ann.post(`/api/v1/chats/${id}/folder`, { folder_id: "nothing" })).status).toBe(404);
  });

  test("count as read with their folder", async () => {
    const { id } = await folder(unique("read"));
    const chatId = await chatIn(id);
    expectOk(await ann.post(`/api/v1/chats/${chatId}/unread`));
    const unread = async () => (await listed()).find((row) => row.id === id).unread_count;
    expect(await unread()).toBe(1);
    expect(expectOk(await ann.post(`/api/v1/folders/${id}/read`)).folder_ids).toEqual([id]);
    expect(await unread()).toBe(0);
  });

  test.each([
    ["", 401],
    ["?delete_contents=true", 401],
    ["?delete_contents=false", 200],
  ])(
    "a folder deleted by %j takes the folders in it along; their chats then answer %i",
    async (query, status) => {
      const outer = await folder(unique("outer"));
      const inner = await folder(unique("inner"), outer.id);
      const [one, two] = [await chatIn(outer.id), await chatIn(inner.id)];
      expect(expectOk(await ann.delete(`/api/v1/folders/${outer.id}${query}`))).toBe(true);
      const left = (await listed()).map(({ id }) => id);
      expect([outer.id, inner.id].filter((id) => left.includes(id))).toEqual([]);
      for (const id of [one, two]) {
        const reply = await ann.get(`/api/v1/chats/${id}`);
        expect(reply.status).toBe(status);
        if (status === 200) expect(reply.body.folder_id).toBeNull();
      }
    },
  );
});
