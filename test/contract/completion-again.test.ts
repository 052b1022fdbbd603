import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import {
  askedChat,
  chatOf,
  complete,
  completionBody,
  expectOk,
  fetchChat,
  fetchMessage,
  finalMessage,
  newChat,
  placeholder,
  STALLED,
  STALLED_TEXT,
  stalled,
  stopChat,
  taskIds,
  trigger,
  userMessage,
} from "../support/chat.ts";
import { type Caller, detailOf, readReply, replyText } from "../support/http.ts";
import { openStage, type Stage } from "../support/server.ts";

const ANSWER = "The capital of France is Paris.";

let stage: Stage;
let owner: Caller;

beforeAll(async () => {
  stage = await openStage();
  owner = stage.owner;
});
afterEach(() => stage.provider.reset());
afterAll(() => stage?.close());

const completions = () => stage.provider.requests.filter(({ path }) => path === "/chat/completions");
async function answeredChat() {
  const chat = await askedChat(owner);
  expectOk(await complete(owner, completionBody(chat, { stream: false })));
  return chat;
}

describe("the same id again, after the end", () => {
  test.each([
    { name: "assistant_message_id", more: (id: string) => ({ assistant_message_id: id }) },
    {
      name: "messages that end with the stored answer",
      more: () => ({
        messages: [
          { role: "user", content: "Hi, what is the capital of France?" },
          { role: "assistant", content: ANSWER },
        ],
      }),
    },
  ])("$name continues it", async ({ more }) => {
    const chat = await answeredChat();
    const reply = await complete(owner, completionBody(chat, { stream: false, ...more(chat.answerId) }));
    expect(reply.status, reply.text).toBe(200);
    const message = await fetchMessage(owner, chat.chatId, chat.answerId);
    expect(message.done).toBe(true);
    expect(message.content.startsWith(ANSWER), message.content).toBe(true);
    expect(message.content.length).toBeGreaterThan(ANSWER.length);
    const record = await fetchChat(owner, chat.chatId);
    expect(Object.keys(record.chat.history.messages)).toHaveLength(2);
  });

  test("the same body is a 409 that leaves the answer alone", async () => {
    const chat = await answeredChat();
    const before = await fetchChat(owner, chat.chatId);
    const again = await complete(owner, completionBody(chat, { stream: false }));
    expect(again.status).toBe(409);
    expect(detailOf(again)).toMatch(/\w+ \w+/);
    expect((await fetchChat(owner, chat.chatId)).chat).toEqual(before.chat);
    expect(completions()).toHaveLength(1);
  });

  test("another question is a 409", async () => {
    const chat = await answeredChat();
    const other = await complete(
      owner,
      completionBody(chat, { messages: [{ role: "user", content: "And of Italy?" }] }),
    );
    expect(other.status).toBe(409);
  });

  test("step 4.1 after step 4 on the same id is refused", async () => {
    const chat = await answeredChat();
    const files = [{ id: "knowledge-collection-id", type: "collection", status: "processed" }];
    const reply = await complete(owner, completionBody(chat, { files }));
    expect(reply.status).toBeGreaterThanOrEqual(400);
    expect(reply.status).toBeLessThan(500);
    expect((await fetchMessage(owner, chat.chatId, chat.answerId)).content).toBe(ANSWER);
  });

  test("an empty answer has ended too: again is a 409", async () => {
    const chat = await askedChat(owner, "[[empty]]");
    expectOk(await complete(owner, completionBody(chat, { stream: false })));
    expect((await complete(owner, completionBody(chat, { stream: false }))).status).toBe(409);
  });

  test.each(["[[status=500]]", "[[abort=3]]", "[[sseerror=3]]"])(
    "after the error of %s it runs again, and the error is cleared",
    async (fault) => {
      const chat = await askedChat(owner, fault);
      await complete(owner, completionBody(chat)).catch(() => undefined);
      const failed = await finalMessage(owner, chat.chatId, chat.answerId);
      expect(failed.error).toBeTruthy();
      const body = completionBody(chat, {
        messages: [{ role: "user", content: "Hi, what is the capital of France?" }],
      });
      const again = await complete(owner, body);
      expect(again.status, again.text).toBe(200);
      const message = await fetchMessage(owner, chat.chatId, chat.answerId);
      expect(message).toMatchObject({ content: ANSWER, done: true });
      expect(message.error ?? null).toBeNull();
    },
  );
});

describe("the same id again, while it runs", () => {
  test("the same body joins: one request to the provider, the whole answer for both", async () => {
    const chat = await askedChat(owner, STALLED);
    const first = complete(owner, completionBody(chat));
    await stalled(stage.provider);
    const second = owner.open("POST", "/api/chat/completions", { body: completionBody(chat) });
    await second;
    await stopChat(owner, chat.chatId);
    const [one, two] = [await first, await readReply(await second)];
    expect(two.status, two.text).toBe(200);
    expect(two.form).toBe("sse");
    expect(replyText(two)).toBe(replyText(one));
    expect(two.chunks.at(-1)).toBe("[DONE]");
    expect(completions()).toHaveLength(1);
  });

  test("an ack that joins names the same task", async () => {
    const chat = await askedChat(owner, STALLED);
    const { taskId } = await trigger(owner, chat);
    expect((await trigger(owner, chat)).taskId).toBe(taskId);
    expect(await taskIds(owner, chat.chatId)).toEqual([taskId]);
    await stopChat(owner, chat.chatId);
    await finalMessage(owner, chat.chatId, chat.answerId);
    expect(completions()).toHaveLength(1);
  });

  test("two at the very same time are one answer", async () => {
    const chat = await askedChat(owner);
    const replies = await Promise.all([
      complete(owner, completionBody(chat)),
      complete(owner, completionBody(chat)),
    ]);
    for (const reply of replies) expect([200, 409], reply.text).toContain(reply.status);
    expect(completions()).toHaveLength(1);
    expect((await fetchMessage(owner, chat.chatId, chat.answerId)).content).toBe(ANSWER);
  });

  test("anything else is a 409 that does not disturb it", async () => {
    const chat = await askedChat(owner, STALLED);
    await trigger(owner, chat);
    await stalled(stage.provider);
    const other = await complete(
      owner,
      completionBody(chat, { messages: [{ role: "user", content: "And of Italy?" }] }),
    );
    expect(other.status).toBe(409);
    await stopChat(owner, chat.chatId);
    const message = await finalMessage(owner, chat.chatId, chat.answerId);
    expect(message.content.trim()).toBe(STALLED_TEXT);
    expect(completions()).toHaveLength(1);
  });

  test("done, error and text posted for it are ignored", async () => {
    const chat = await askedChat(owner, STALLED);
    await trigger(owner, chat);
    await stalled(stage.provider);
    const posted = { id: chat.answerId, done: true, error: { content: "mine" }, content: "mine" };
    const history = { currentId: chat.answerId, messages: { [chat.answerId]: posted } };
    expectOk(await owner.post(`/api/v1/chats/${chat.chatId}`, { chat: { history } }));
    expect(await fetchMessage(owner, chat.chatId, chat.answerId)).toMatchObject({ done: false, content: "" });
    await stopChat(owner, chat.chatId);
    const message = await finalMessage(owner, chat.chatId, chat.answerId);
    expect(message.error ?? null).toBeNull();
    expect(message.content.trim()).toBe(STALLED_TEXT);
  });

  test("a continuation shows the former text while it runs", async () => {
    const chat = await askedChat(owner, "[[tokens=3]]");
    expectOk(await complete(owner, completionBody(chat, { stream: false })));
    stage.provider.reset();
    const { taskId } = await trigger(owner, chat, {
      assistant_message_id: chat.answerId,
      messages: [{ role: "user", content: STALLED }],
    });
    expect(taskId).toEqual(expect.any(String));
    await stalled(stage.provider);
    const running = await fetchMessage(owner, chat.chatId, chat.answerId);
    expect(running).toMatchObject({ done: false, content: expect.stringContaining("tok0 tok1 tok2") });
    await stopChat(owner, chat.chatId);
    const message = await finalMessage(owner, chat.chatId, chat.answerId);
    expect(message.content).toMatch(/^tok0 tok1 tok2[\s\S]*tok0 tok1 tok2 tok3 tok4/);
  });
});

describe("what counts as 'again'", () => {
  test("a posted done without text means nothing", async () => {
    const record = await newChat(
      owner,
      chatOf([userMessage("u", "Hi, what is the capital of France?"), placeholder("a", "u", { done: true })]),
    );
    const reply = await complete(owner, {
      ...completionBody({ chatId: record.id, userId: "u", answerId: "a", question: "capital of France" }),
    });
    expect(reply.status, reply.text).toBe(200);
    expect((await fetchMessage(owner, record.id, "a")).content).toBe(ANSWER);
  });

  test("a posted text counts: the same id is a 409", async () => {
    const record = await newChat(
      owner,
      chatOf([userMessage("u", "Hi"), placeholder("a", "u", { content: "Hello" })]),
    );
    const chat = { chatId: record.id, userId: "u", answerId: "a", question: "Hi" };
    expect((await complete(owner, completionBody(chat))).status).toBe(409);
    expect((await fetchMessage(owner, record.id, "a")).content).toBe("Hello");
  });
});
