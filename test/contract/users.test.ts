import { afterAll, beforeAll, expect, test } from "vitest";
import { chatOf, expectOk, newChat, userMessage } from "../support/chat.ts";
import { type Caller, detailOf, type Json } from "../support/http.ts";
import { openStage, PASSWORD, type Stage, signIn } from "../support/server.ts";

let stage: Stage;
let count = 0;

beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage?.close());

async function somebody(): Promise<{ caller: Caller; name: string; id: string }> {
  count += 1;
  const name = `user${count}`;
  const caller = await stage.addUser(name);
  return { caller, name, id: expectOk(await caller.get("/api/v1/auths/")).id };
}
const update = (id: string, change: Json) => stage.owner.post(`/api/v1/users/${id}/update`, change);

test("an administrator lists the users, in an order, and by what is in name or address", async () => {
  const { name } = await somebody();
  const listed = expectOk(await stage.owner.get("/api/v1/users/?order_by=created_at&direction=asc"));
  expect(listed.users[0]).toMatchObject({ name: "owner", role: "admin" });
  expect(listed.total).toBe(listed.users.length);
  const found = expectOk(await stage.owner.get(`/api/v1/users/?query=${name.toUpperCase()}@`));
  expect(found.users.map((user: Json) => user.name)).toEqual([name]);
  expect(JSON.stringify(listed)).not.toMatch(/scrypt|token/);
  const all = expectOk(await stage.owner.get("/api/v1/users/all?page=2"));
  expect(all.users).toHaveLength(listed.total);
});

test("everybody is told what they may do", async () => {
  const { caller } = await somebody();
  const { permissions } = expectOk(await caller.get("/api/v1/auths/"));
  expect(expectOk(await caller.get("/api/v1/users/permissions"))).toEqual(permissions);
});

test("nobody else does, nor changes or deletes one", async () => {
  const { caller, id } = await somebody();
  expect((await caller.get("/api/v1/users/")).status).toBe(403);
  expect((await caller.get("/api/v1/users/all")).status).toBe(403);
  expect((await caller.post(`/api/v1/users/${id}/update`, { role: "admin" })).status).toBe(403);
  expect((await caller.delete(`/api/v1/users/${id}`)).status).toBe(403);
});

test("a name changes at once and signs nobody out; a role or password makes tokens void", async () => {
  const { caller, id, name } = await somebody();
  expect(expectOk(await update(id, { name: "Renamed" })).name).toBe("Renamed");
  expect(expectOk(await caller.get("/api/v1/auths/")).name).toBe("Renamed");
  expect(expectOk(await update(id, { role: "pending" })).role).toBe("pending");
  expect((await caller.get("/api/v1/auths/")).status).toBe(401);
  expectOk(await update(id, { role: "user" }));
  const again = await signIn(stage.url, name);
  expectOk(await update(id, { password: "another good password" }));
  expect((await again.get("/api/v1/auths/")).status).toBe(401);
});

test.each([
  [{ email: "owner@example.org" }, 400],
  [{ email: "no address" }, 422],
  [{ password: "short" }, 400],
  [{ role: "king" }, 422],
])("%o is refused with %i", async (change, status) => {
  const { id } = await somebody();
  const reply = await update(id, change);
  expect(reply.status, reply.text).toBe(status);
  expect(detailOf(reply)).toMatch(/\w+/);
});

test("an administrator cannot take their own role or delete themselves; unknown ones are a 404", async () => {
  const { id } = expectOk(await stage.owner.get("/api/v1/auths/"));
  expect((await update(id, { role: "user" })).status).toBe(403);
  expect((await stage.owner.delete(`/api/v1/users/${id}`)).status).toBe(403);
  expect((await update("nobody", { name: "x" })).status).toBe(404);
  expect((await stage.owner.delete("/api/v1/users/nobody")).status).toBe(404);
});

test("who is deleted is gone with their chats", async () => {
  const { caller, id, name } = await somebody();
  await newChat(caller, chatOf([userMessage("u", "Hi")]));
  expect(expectOk(await stage.owner.delete(`/api/v1/users/${id}`))).toBe(true);
  expect((await caller.get("/api/v1/chats/")).status).toBe(401);
  const back = await stage.owner.post("/api/v1/auths/signin", {
    email: `${name}@example.org`,
    password: PASSWORD,
  });
  expect(back.status).toBe(400);
});
