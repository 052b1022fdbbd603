import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { branchOf, complete, expectOk, fetchChat, finalMessage, MODEL, noTasks } from "../support/chat.ts";
import type { Caller, Json } from "../support/http.ts";
import { openStage, type Stage } from "../support/server.ts";
import { isDone, openTab, type Tab } from "../support/socket.ts";

const ANSWER = "The capital of France is Paris.";
const ALL = { title_generation: true, tags_generation: true, follow_up_generation: true };
const MODEL_ITEM = { id: MODEL, object: "model", name: MODEL, owned_by: "openai", actions: [], filters: [] };

let stage: Stage;
let owner: Caller;
let tab: Tab;

beforeAll(async () => {
  stage = await openStage();
  owner = stage.owner;
  tab = await openTab(stage.url, owner.token);
});
afterEach(() => stage.provider.reset());
afterAll(async () => {
  tab?.close();
  await stage?.close();
});

describe("the calls of 0.6.15's web UI", () => {
  test("a turn: new, save, completion, completed, save; nothing of it is lost or doubled", async () => {
    const [u, a] = [randomUUID(), randomUUID()];
    const question = {
      id: u,
      parentId: null,
      childrenIds: [] as string[],
      role: "user",
      content: "What is the capital of France?",
      timestamp: 1795230868,
      models: [MODEL],
    };
    const answer = {
      parentId: u,
      id: a,
      childrenIds: [],
      role: "assistant",
      content: "",
      model: MODEL,
      modelName: MODEL,
      modelIdx: 0,
      timestamp: 1795230868,
    };
    const chat = {
      id: "",
      title: "New Chat",
      models: [MODEL],
      params: {},
      history: { messages: { [u]: question }, currentId: u },
      messages: [question],
      tags: [],
      timestamp: 1795230868433,
    };
    const { id: chatId } = expectOk(await owner.post("/api/v1/chats/new", { chat }));
    const save = (messages: Json[]) => {
      const history = { messages: Object.fromEntries(messages.map((m) => [m.id, m])), currentId: a };
      const body = { chat: { models: [MODEL], history, messages, params: {}, files: [] } };
      return owner.post(`/api/v1/chats/${chatId}`, body).then(expectOk);
    };
    await save([{ ...question, childrenIds: [a] }, answer]);
    const ack = await complete(
      owner,
      {
        stream: true,
        model: MODEL,
        messages: [{ role: "user", content: question.content }],
        params: {},
        tool_servers: [],
        features: { image_generation: false, code_interpreter: false, web_search: false, memory: false },
        variables: { "{{USER_NAME}}": "Admin", "{{CURRENT_TIMEZONE}}": "UTC" },
        model_item: MODEL_ITEM,
        session_id: tab.sessionId,
        chat_id: chatId,
        id: a,
        background_tasks: ALL,
      },
      "*/*",
    );
    expect(ack.form).toBe("ack");
    await tab.waitFor(isDone(a));
    const completed = {
      model: MODEL,
      messages: [
        { id: u, role: "user", content: question.content, timestamp: 1795230868 },
        { id: a, role: "assistant", content: ANSWER, timestamp: 1795230868 },
      ],
      model_item: MODEL_ITEM,
      chat_id: chatId,
      session_id: tab.sessionId,
      id: a,
    };
    expect(expectOk(await owner.post("/api/chat/completed", completed)).messages).toEqual(completed.messages);
    await save([
      { ...question, childrenIds: [a] },
      { ...answer, content: ANSWER, done: true },
    ]);
    await noTasks(owner, chatId);
    const record = await fetchChat(owner, chatId);
    expect(record.title).toContain("Capital of France");
    expect(record.meta.tags).toEqual(["geography", "europe"]);
    expect(record.chat.messages.map(({ id }: Json) => id)).toEqual([u, a]);
    expect(record.chat.history.messages[a]).toMatchObject({
      content: ANSWER,
      done: true,
      usage: expect.any(Object),
    });
    expect(record.chat.history.messages[a].followUps).toHaveLength(3);
  });
});

describe("the one call of 0.12.4's web UI", () => {
  const send = async (more: Record<string, unknown>, parentId: string | null, content: string) => {
    const [u, a] = [randomUUID(), randomUUID()];
    const body = {
      stream: true,
      model: MODEL,
      params: { model_controls: {} },
      tool_ids: [],
      tool_servers: [],
      features: { voice: false, image_generation: false, web_search: true, memory: true },
      variables: { "{{USER_NAME}}": "Admin" },
      chat_variables: {},
      model_item: MODEL_ITEM,
      session_id: tab.sessionId,
      id: a,
      message_ids: [{ model_id: MODEL, message_id: a, modelIdx: 0 }],
      parent_id: parentId,
      user_message: {
        id: u,
        parentId,
        childrenIds: [a],
        role: "user",
        user: { id: "someone", name: "Admin" },
        user_id: "someone",
        content,
        timestamp: 1795230683,
        models: [MODEL],
      },
      background_tasks: ALL,
      ...more,
    };
    const ack = await complete(owner, body);
    expect(ack.form, ack.text).toBe("ack");
    const chatId: string = ack.body.chat_id;
    await tab.waitFor((event) => event.dialect === "events" && isDone(a)(event));
    await noTasks(owner, chatId);
    return { chatId, u, a };
  };

  test("makes a chat, and shows it in the list and live", async () => {
    const { chatId, u, a } = await send({}, null, "What is the capital of France?");
    const record = await fetchChat(owner, chatId);
    expect(branchOf(record, a)).toEqual([u, a]);
    expect(record.chat.history.messages[a]).toMatchObject({ content: ANSWER, done: true });
    expect(record.title).toContain("Capital of France");
    expect(JSON.stringify(record.chat.history.messages[a].statusHistory)).toMatch(/left out: web_search"/);
    const types = tab.events.filter((event) => event.chatId === chatId && event.dialect === "events");
    const count = (type: string, active?: boolean) =>
      types.filter((event) => event.type === type && (active === undefined || event.data.active === active))
        .length;
    expect(count("chat:list")).toBeGreaterThan(0);
    expect([count("chat:active", true), count("chat:active", false)]).toEqual([1, 1]);
    expect(count("chat:title")).toBe(1);
    const list: Json[] = expectOk(await owner.get("/api/v1/chats/?page=1"));
    expect(list.map(({ id }) => id)).toContain(chatId);
  });

  test("adds a turn under the last answer, with the conversation rebuilt for the provider", async () => {
    const first = await send({}, null, "What is the capital of France?");
    stage.provider.reset();
    const second = await send({ chat_id: first.chatId, background_tasks: {} }, first.a, "And of Italy?");
    expect(second.chatId).toBe(first.chatId);
    const record = await fetchChat(owner, first.chatId);
    expect(branchOf(record, second.a)).toEqual([first.u, first.a, second.u, second.a]);
    expect(stage.provider.requests.find(({ path }) => path === "/chat/completions")!.body!.messages).toEqual([
      { role: "user", content: "What is the capital of France?" },
      { role: "assistant", content: ANSWER },
      { role: "user", content: "And of Italy?" },
    ]);
  });

  test("regenerates: the same question, a new answer beside the old one", async () => {
    const first = await send({}, null, "What is the capital of France?");
    const again = randomUUID();
    const ack = await complete(owner, {
      stream: true,
      model: MODEL,
      session_id: tab.sessionId,
      chat_id: first.chatId,
      id: again,
      message_ids: [{ model_id: MODEL, message_id: again, modelIdx: 0 }],
      parent_id: null,
      user_message: { id: first.u, parentId: null, role: "user", content: "What is the capital of France?" },
    });
    expect(ack.form, ack.text).toBe("ack");
    await finalMessage(owner, first.chatId, again);
    const { chat } = await fetchChat(owner, first.chatId);
    expect(chat.history.messages[first.u].childrenIds).toEqual([first.a, again]);
    expect(chat.currentId).toBe(again);
    expect(Object.keys(chat.history.messages)).toHaveLength(3);
  });

  test("makes a chat with two models side by side", async () => {
    const other = randomUUID();
    const a = randomUUID();
    const message_ids = [
      { model_id: MODEL, message_id: a, modelIdx: 0 },
      { model_id: "gpt-4o-mini", message_id: other, modelIdx: 1 },
    ];
    const ack = await complete(owner, {
      stream: true,
      model: MODEL,
      session_id: tab.sessionId,
      id: a,
      message_ids,
      parent_id: null,
      user_message: { id: "u", parentId: null, childrenIds: [a, other], role: "user", content: "Hi" },
      background_tasks: ALL,
    });
    expect(ack.body.task_ids, ack.text).toHaveLength(2);
    await finalMessage(owner, ack.body.chat_id, a);
    expect(await finalMessage(owner, ack.body.chat_id, other)).toMatchObject({
      model: "gpt-4o-mini",
      parentId: "u",
      modelIdx: 1,
    });
    await noTasks(owner, ack.body.chat_id);
  });

  test.each([
    { name: "the same id twice", ids: ["m", "m"] },
    { name: "the question's own id", ids: ["u", "m"] },
  ])("is refused when message_ids hold $name", async ({ ids }) => {
    const message_ids = ids.map((message_id, modelIdx) => ({ model_id: MODEL, message_id, modelIdx }));
    const user_message = { id: "u", parentId: null, role: "user", content: "Hi" };
    const count = (await owner.get("/api/v1/chats/")).body.length;
    const reply = await complete(owner, {
      model: MODEL,
      stream: true,
      session_id: "s",
      parent_id: null,
      message_ids,
      user_message,
    });
    expect(reply.status, reply.text).toBeGreaterThanOrEqual(400);
    expect(reply.status).toBeLessThan(500);
    expect((await owner.get("/api/v1/chats/")).body).toHaveLength(count);
  });
});

describe("the calls of 0.12.4's web UI", () => {
  const sentMessages = () =>
    stage.provider.requests.findLast(({ path }) => path === "/chat/completions")!.body!.messages;

  /** Asks for an answer in a new chat, as a page does that leaves the conversation to the server. */
  async function askIn(chat: Json, body: Json): Promise<void> {
    const { id } = expectOk(await owner.post("/api/v1/chats/new", chat));
    const [u, a] = [randomUUID(), randomUUID()];
    const user_message = { id: u, parentId: null, role: "user", content: "Where is Paris?" };
    const turn = { chat_id: id, id: a, parent_id: u, user_message, model: MODEL, stream: false };
    const reply = await complete(owner, { ...turn, background_tasks: noTasks, ...body });
    expect(reply.status, reply.text).toBe(200);
  }

  test("a chat's system prompt stands alone in `messages`: the conversation follows, and nothing is said twice", async () => {
    const messages = [{ role: "system", content: "Be brief." }];
    await askIn({ chat: {} }, { messages, params: { system: "Be brief." } });
    expect(sentMessages()).toEqual([...messages, { role: "user", content: "Where is Paris?" }]);
  });

  test.each([
    [
      "a prompt",
      { system_prompt: "Answer as a pirate." },
      [{ role: "system", content: "Answer as a pirate." }],
    ],
    ["none", null, []],
    ["what is none", { system_prompt: 7, files: "all" }, []],
  ])("a folder with %s speaks to all its chats", async (_what, data, first) => {
    const folder = expectOk(await owner.post("/api/v1/folders/", { name: randomUUID(), data }));
    await askIn({ chat: {}, folder_id: folder.id }, {});
    expect(sentMessages()).toEqual([...first, { role: "user", content: "Where is Paris?" }]);
  });

  test("an image that the message names as a file goes along as bytes, if it is the user's own", async () => {
    const png = Buffer.from("89504e470d0a1a0a0000000d49484452", "hex");
    const form = new FormData();
    form.append("file", new Blob([png], { type: "image/png" }), "dot.png");
    const upload = await fetch(`${stage.url}/api/v1/files/?process=false`, {
      method: "POST",
      headers: { authorization: `Bearer ${owner.token}` },
      body: form,
    });
    const { id } = (await upload.json()) as Json;
    const files = [{ type: "file", id, url: id, content_type: "image/png" }];
    const user_message = { id: randomUUID(), parentId: null, role: "user", content: "What is this?", files };
    await askIn({ chat: {} }, { user_message, parent_id: user_message.id });
    const url = `data:image/png;base64,${png.toString("base64")}`;
    const content = [
      { type: "text", text: "What is this?" },
      { type: "image_url", image_url: { url } },
    ];
    expect(sentMessages()).toEqual([{ role: "user", content }]);
    const messages = [{ role: "user", content: [{ type: "image_url", image_url: { url: id } }] }];
    const eve = await stage.addUser("eve");
    const foreign = await eve.post("/api/chat/completions", { model: MODEL, messages, stream: false });
    expect(foreign.status).toBe(404);
    expect(foreign.text).not.toContain(url);
  });

  test("a folder's files are drawn on by all its chats", async () => {
    const files = [{ type: "text", name: "notes", content: "The ferry leaves at noon." }];
    const folder = expectOk(await owner.post("/api/v1/folders/", { name: "Ferries", data: { files } }));
    await askIn({ chat: {}, folder_id: folder.id }, {});
    expect(JSON.stringify(sentMessages())).toContain("The ferry leaves at noon.");
  });
});
