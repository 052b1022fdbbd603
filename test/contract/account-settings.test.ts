import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { askedChat, complete, completionBody, expectOk } from "../support/chat.ts";
import { type Caller, createCaller, detailOf } from "../support/http.ts";
import { openStage, type Stage, signIn } from "../support/server.ts";

const PNG =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

let stage: Stage;
let ann: Caller;
let id: string;
let picture: string;

beforeAll(async () => {
  stage = await openStage();
  ann = await stage.addUser("ann");
  ({ id, profile_image_url: picture } = expectOk(await ann.get("/api/v1/auths/")));
});
afterAll(() => stage?.close());

const update = (profile_image_url: unknown) =>
  ann.post("/api/v1/auths/update/profile", { name: "Ann", profile_image_url });
const look = (headers: Record<string, string> = {}) =>
  createCaller(stage.url, "").open("GET", picture, { headers });

describe("a profile picture", () => {
  test("is a figure until the user gives one, which stays until they take it away", async () => {
    expect((await look()).headers.get("content-type")).toBe("image/svg+xml");
    expect(expectOk(await update(`data:image/png;base64,${PNG}`)).profile_image_url).toBe(picture);
    const shown = await look();
    expect(shown.headers.get("content-type")).toBe("image/png");
    expect(Buffer.from(await shown.arrayBuffer()).toString("base64")).toBe(PNG);
    expect((await look({ "if-none-match": shown.headers.get("etag")! })).status).toBe(304);
    expectOk(await update(picture));
    expect((await look()).headers.get("content-type")).toBe("image/png");
    expectOk(await update("/user.png"));
    expect((await look()).headers.get("content-type")).toBe("image/svg+xml");
  });

  test.each([
    ["https://example.org/face.png", 400],
    [`data:image/svg+xml;base64,${PNG}`, 400],
    [`data:text/html;base64,${PNG}`, 400],
    ["data:image/png;base64,no base64!", 400],
    ["data:image/png;base64,", 400],
    ["../../etc/passwd", 400],
    [7, 422],
    [`data:image/png;base64,${"A".repeat(720_000)}`, 413],
    [`data:image/png;base64,${"A".repeat(1_100_000)}`, 422],
  ])("%s is refused", async (url, status) => {
    const reply = await update(url);
    expect([reply.status, reply.text]).toEqual([status, expect.any(String)]);
    expect(detailOf(reply)).toMatch(/\w+/);
    expect((await look()).headers.get("content-type")).toBe("image/svg+xml");
  });

  test("goes with its user", async () => {
    const gone = await stage.addUser("gone");
    const { id: goneId } = expectOk(await gone.get("/api/v1/auths/"));
    const body = { name: "Gone", profile_image_url: `data:image/png;base64,${PNG}` };
    const { profile_image_url: url } = expectOk(await gone.post("/api/v1/auths/update/profile", body));
    expectOk(await stage.owner.delete(`/api/v1/users/${goneId}`));
    const after = await createCaller(stage.url, "").open("GET", url);
    expect(after.headers.get("content-type")).toBe("image/svg+xml");
  });
});

test("usage counts chats and messages, of the user's own", async () => {
  const chat = await askedChat(ann, "Hi");
  expectOk(await complete(ann, completionBody(chat, { stream: false })));
  const { totals, heatmap, weekly_heatmap, insights } = expectOk(
    await ann.get("/api/v1/users/usage?days=10"),
  );
  expect(totals).toMatchObject({ total_chats: 1, messages: 2, user_messages: 1, assistant_messages: 1 });
  expect(totals).toMatchObject({ active_days: 1, current_streak: 1, longest_streak: 1 });
  expect(heatmap).toHaveLength(10);
  expect(heatmap.at(-1)).toMatchObject({ chats: 1, date: new Date().toISOString().slice(0, 10) });
  expect(weekly_heatmap.at(-1).chats).toBe(1);
  expect(insights.user_message_share).toBe(0.5);
  expect(expectOk(await stage.owner.get("/api/v1/users/usage")).totals.total_chats).toBe(0);
  expect((await ann.get("/api/v1/users/usage?days=0")).status).toBe(422);
});

test("variables are none, and stay none", async () => {
  expectOk(await ann.post("/api/v1/users/user/variables/update", { variables: {} }));
  expect((await ann.post("/api/v1/users/user/variables/update", { variables: { a: "b" } })).status).toBe(400);
  expect(expectOk(await ann.get("/api/v1/users/user/variables"))).toEqual({ variables: {} });
});

test("an administrator signs somebody out everywhere, and reads nobody's chats", async () => {
  const session = await signIn(stage.url, "ann");
  expectOk(await stage.owner.post(`/api/v1/users/${id}/sessions/revoke`));
  expect((await session.get("/api/v1/auths/")).status).toBe(401);
  expect((await stage.owner.post("/api/v1/users/nobody/sessions/revoke")).status).toBe(404);
  expect(expectOk(await stage.owner.get(`/api/v1/chats/list/user/${id}`))).toEqual([]);
});
