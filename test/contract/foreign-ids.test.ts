import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ROUTES } from "../../src/server/app.ts";
import type { Route } from "../../src/server/routes/route.ts";
import { expectOk } from "../support/chat.ts";
import { type Caller, createCaller, detailOf, type Json } from "../support/http.ts";
import { type Possessions, pathWith, possess, UNKNOWN } from "../support/possessions.ts";
import { openStage, type Stage } from "../support/server.ts";

const SECRET = "Secret.";

/** Routes whose ids are everybody's, each with its reason. */
const OPEN: Readonly<Record<string, string>> = {
  "GET /api/v1/users/:userId": "a user's name stands over what that user shared",
  "GET /api/v1/users/:userId/info": "the same; the address only for oneself",
  "GET /api/v1/users/:userId/profile/image": "a user's picture stands beside what that user shared",
  "GET /api/v1/chats/share/:shareId": "sharing gives the copy to whom has the id",
  "GET /api/models/:modelId": "everybody sees the providers' models",
  "GET /api/v1/models/:modelId": "the same",
  "POST /api/v1/chats/:id/clone/shared": "its id is a shared copy's, not a chat's",
};

/** Routes whose answer is an empty list, for unknown and foreign ids alike. */
const EMPTY_LIST = new Set(["GET /api/tasks/chat/:chatId"]);

/** A good body for each route that takes one and does not take `{}`. */
const BODIES: Readonly<Record<string, Json>> = {
  "POST /api/v1/chats/:id": { chat: { title: "Bob's" } },
  "POST /api/v1/chats/:id/tags": { name: "bobs" },
  "DELETE /api/v1/chats/:id/tags": { name: "bobs" },
  "POST /api/v1/chats/:id/messages/:messageId": { content: "Bob was here" },
  "POST /api/v1/chats/:id/messages/:messageId/event": { type: "status", data: { description: "x" } },
  "POST /api/v1/prompts/id/:promptId/access/update": { access_grants: [] },
  "POST /api/v1/prompts/id/:promptId/update/version": { version_id: "v" },
  "POST /api/v1/memories/:memoryId/update": { content: "Bob's" },
  "POST /api/v1/folders/:folderId/update": { name: "Bob's" },
  "POST /api/v1/folders/:folderId/update/expanded": { is_expanded: true },
  "POST /api/v1/files/:id/data/content/update": { content: "Bob was here" },
  "POST /api/v1/groups/id/:groupId/update": { name: "Bob's" },
  "POST /api/v1/knowledge/:id/update": { name: "Bob's", description: "" },
  "POST /api/v1/knowledge/:id/access/update": { access_grants: [] },
  "POST /api/v1/knowledge/:id/file/add": { file_id: UNKNOWN },
  "POST /api/v1/knowledge/:id/files/batch/add": [{ file_id: UNKNOWN }],
  "POST /api/v1/knowledge/:id/file/update": { file_id: UNKNOWN },
  "POST /api/v1/knowledge/:id/file/remove": { file_id: UNKNOWN },
};

let stage: Stage;
let ann: Caller;
let bob: Caller;
/** Ann's. */
let ids: Possessions;
let nobodys: Possessions;
let before: Json;

const nameOf = ({ method, path }: Route) => `${method} ${path}`;
const withIds = ROUTES.filter((route) => route.path.includes("/:"));
const guarded = withIds.filter((route) => !(nameOf(route) in OPEN));

/** What Ann has, as she sees it. */
async function possessions(): Promise<Json> {
  const paths = [
    `chats/${ids.chat}`,
    `folders/${ids.folder}`,
    `files/${ids.file}`,
    `knowledge/${ids.knowledge}`,
    `chats/folder/${ids.folder}`,
    "memories/",
    `prompts/id/${ids.prompt}`,
    `prompts/id/${ids.prompt}/history`,
  ];
  return Promise.all(paths.map(async (path) => expectOk(await ann.get(`/api/v1/${path}`))));
}

beforeAll(async () => {
  stage = await openStage();
  ann = await stage.addUser("ann");
  bob = await stage.addUser("bob");
  ids = await possess(stage, ann, SECRET);
  const unknown = Object.keys(ids).map((name) => [name, UNKNOWN]);
  nobodys = { ...(Object.fromEntries(unknown) as Possessions), message: ids.message };
  before = await possessions();
});
afterAll(() => stage?.close());

const call = (caller: Caller, route: Route, isUnknown = false) =>
  caller.call(route.method, pathWith(route, isUnknown ? nobodys : ids), {
    ...(route.body ? { body: BODIES[nameOf(route)] ?? {} } : {}),
  });

describe("every route with an id", () => {
  test("is either guarded, or open for a reason", () => {
    const names = withIds.map(nameOf);
    expect([...Object.keys(OPEN), ...Object.keys(BODIES)].filter((name) => !names.includes(name))).toEqual(
      [],
    );
  });

  test.each(guarded.map((route) => [nameOf(route), route] as const))(
    "%s: somebody else's is answered as one that is not there",
    async (name, route) => {
      const [foreign, unknown] = [await call(bob, route), await call(bob, route, true)];
      expect(foreign.text).not.toContain(SECRET);
      expect(unknown.status).toBe(foreign.status);
      if (EMPTY_LIST.has(name)) {
        expect([foreign.body, unknown.body]).toEqual([{ task_ids: [] }, { task_ids: [] }]);
        return;
      }
      expect([401, 403, 404], foreign.text).toContain(foreign.status);
      const hidden = detailOf(foreign).replaceAll(/[\da-f]{8}-[\da-f-]{27}/g, UNKNOWN);
      expect(detailOf(unknown)).toBe(hidden);
    },
  );

  const ownersAlone = guarded.filter(
    ({ access, path }) => access !== "admin" && !/^\/api\/v1\/(files|knowledge|prompts)\//.test(path),
  );
  test.each(ownersAlone.map((route) => [nameOf(route), route] as const))(
    "%s: an administrator has no more rights in other people's chats",
    async (name, route) => {
      const reply = await call(stage.owner, route);
      if (EMPTY_LIST.has(name)) expect(reply.body).toEqual({ task_ids: [] });
      else expect([401, 403, 404], reply.text).toContain(reply.status);
    },
  );

  test.each(guarded.map((route) => [nameOf(route), route] as const))(
    "%s: who has not signed in is nobody",
    async (_name, route) => {
      expect((await call(createCaller(stage.url, ""), route)).status).toBe(401);
    },
  );

  test("all is as it was", async () => {
    expect(await possessions()).toEqual(before);
    expect(expectOk(await ann.get("/api/tasks")).tasks).toEqual([ids.task]);
    expectOk(await ann.post(`/api/tasks/stop/${ids.task}`));
  });
});
