import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ROUTES } from "../../src/server/app.ts";
import type { Route } from "../../src/server/routes/route.ts";
import {
  askedChat,
  chatOf,
  expectOk,
  newChat,
  placeholder,
  STALLED,
  trigger,
  userMessage,
} from "../support/chat.ts";
import { type Caller, createCaller, detailOf, type Json } from "../support/http.ts";
import { collectionOf } from "../support/knowledge.ts";
import { openStage, type Stage } from "../support/server.ts";

const SECRET = "Secret.";
const UNKNOWN = "00000000-0000-4000-8000-000000000000";

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
/** Ann's ids, by what the paths call them. */
let ids: Record<
  | "chat"
  | "message"
  | "folder"
  | "file"
  | "knowledge"
  | "group"
  | "task"
  | "memory"
  | "prompt"
  | "command"
  | "version"
  | "key",
  string
>;
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
  const folder = expectOk(await ann.post("/api/v1/folders/", { name: SECRET }));
  const messages = [userMessage("u", "Hi"), placeholder("a", "u", { content: SECRET, done: true })];
  const { id: chat } = await newChat(ann, chatOf(messages));
  expectOk(await ann.post(`/api/v1/chats/${chat}/folder`, { folder_id: folder.id }));
  const knowledge = await collectionOf(ann, { "secret.txt": SECRET });
  const memory = expectOk(await ann.post("/api/v1/memories/add", { content: SECRET }));
  const form = { command: randomUUID(), name: SECRET, content: SECRET };
  const prompt = expectOk(await ann.post("/api/v1/prompts/create", form));
  const group = expectOk(await stage.owner.post("/api/v1/groups/create", { name: SECRET }));
  const running = await askedChat(ann, STALLED);
  const { taskId } = await trigger(ann, running);
  ids = {
    chat,
    message: "a",
    folder: folder.id,
    file: knowledge.files[0].id,
    knowledge: knowledge.id,
    group: group.id,
    task: taskId,
    memory: memory.id,
    prompt: prompt.id,
    command: prompt.command,
    version: prompt.version_id,
    key: expectOk(await ann.post("/api/v1/auths/api_keys", { name: "CI" })).id,
  };
  before = await possessions();
});
afterAll(() => stage?.close());

/** A route's path with Ann's ids, or with one that nobody has. */
function pathOf(route: Route, isUnknown: boolean): string {
  const kind = /^\/api\/v1\/(chats|files|knowledge)\//.exec(route.path)?.[1];
  const own = { chats: ids.chat, files: ids.file, knowledge: ids.knowledge }[kind ?? "chats"]!;
  const values: Record<string, string> = {
    id: own,
    chatId: ids.chat,
    messageId: ids.message,
    folderId: ids.folder,
    groupId: ids.group,
    taskId: ids.task,
    memoryId: ids.memory,
    promptId: ids.prompt,
    versionId: ids.version,
    command: ids.command,
    keyId: ids.key,
    userId: UNKNOWN,
    name: "secret.txt",
    index: "0",
  };
  return route.path.replaceAll(/:(\w+)/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`The test does not know what :${name} of ${route.path} is.`);
    return isUnknown && name !== "name" && name !== "messageId" ? UNKNOWN : value;
  });
}

const call = (caller: Caller, route: Route, isUnknown = false) =>
  caller.call(route.method, pathOf(route, isUnknown), {
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
