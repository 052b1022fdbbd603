import { randomUUID } from "node:crypto";
import type { Route } from "../../src/server/routes/route.ts";
import { askedChat, chatOf, expectOk, newChat, placeholder, STALLED, trigger, userMessage } from "./chat.ts";
import type { Caller } from "./http.ts";
import { collectionOf } from "./knowledge.ts";
import type { Stage } from "./server.ts";

/** An id that nobody has. */
export const UNKNOWN = "00000000-0000-4000-8000-000000000000";

/** Ids of what somebody has, by what the paths call them. */
export type Possessions = Record<
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

/** Gives a user one of everything that has an id, each with this text in it; its task runs until it is stopped. */
export async function possess(stage: Stage, caller: Caller, text: string): Promise<Possessions> {
  const folder = expectOk(await caller.post("/api/v1/folders/", { name: text }));
  const messages = [userMessage("u", "Hi"), placeholder("a", "u", { content: text, done: true })];
  const { id: chat } = await newChat(caller, chatOf(messages));
  expectOk(await caller.post(`/api/v1/chats/${chat}/folder`, { folder_id: folder.id }));
  const knowledge = await collectionOf(caller, { "secret.txt": text });
  const memory = expectOk(await caller.post("/api/v1/memories/add", { content: text }));
  const form = { command: randomUUID(), name: text, content: text };
  const prompt = expectOk(await caller.post("/api/v1/prompts/create", form));
  const group = expectOk(await stage.owner.post("/api/v1/groups/create", { name: text }));
  const running = await askedChat(caller, STALLED);
  const { taskId } = await trigger(caller, running);
  return {
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
    key: expectOk(await caller.post("/api/v1/auths/api_keys", { name: "CI" })).id,
  };
}

/** A route's path with these ids in it, and with others by their names in it: of users, models and shared copies. */
export function pathWith(route: Route, ids: Possessions, others: Record<string, string> = {}): string {
  const kind = /^\/api\/v1\/(chats|files|knowledge)\//.exec(route.path)?.[1];
  const values: Record<string, string> = {
    id: { chats: ids.chat, files: ids.file, knowledge: ids.knowledge }[kind ?? "chats"]!,
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
    modelId: UNKNOWN,
    shareId: UNKNOWN,
    name: "secret.txt",
    index: "0",
    ...others,
  };
  return route.path.replaceAll(/:(\w+)/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`The tests do not know what :${name} of ${route.path} is.`);
    return value;
  });
}
