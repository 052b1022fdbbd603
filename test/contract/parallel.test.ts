import { afterAll, beforeAll, expect, test } from "vitest";
import {
  askedChat,
  branchOf,
  chatOf,
  complete,
  completionBody,
  expectOk,
  fetchChat,
  MODEL,
  newChat,
  userMessage,
} from "../support/chat.ts";
import type { Caller, Json } from "../support/http.ts";
import { openStage, type Stage } from "../support/server.ts";

const MANY = Array.from({ length: 20 }, (_, index) => index);

let stage: Stage;
let owner: Caller;

beforeAll(async () => {
  stage = await openStage();
  owner = stage.owner;
});
afterAll(() => stage?.close());

test("many answers at once in one chat are all kept, as siblings", async () => {
  const question = "[[tokens=5]] [[delay=5]]";
  const { id: chatId } = await newChat(owner, chatOf([userMessage("u", question)]));
  const body = { chat_id: chatId, model: MODEL, stream: false, user_message: { id: "u" } };
  const messages = [{ role: "user", content: question }];
  await Promise.all(
    MANY.map(async (index) => expectOk(await complete(owner, { ...body, messages, id: `a${index}` }))),
  );
  const { chat } = await fetchChat(owner, chatId);
  expect(chat.history.messages.u.childrenIds.toSorted()).toEqual(MANY.map((index) => `a${index}`).toSorted());
  for (const index of MANY) {
    expect(chat.history.messages[`a${index}`]).toMatchObject({
      done: true,
      content: expect.stringMatching(/^tok0 tok1 tok2 tok3 tok4/),
    });
  }
});

test("posts at once to one chat are all kept, while it is being answered", async () => {
  const chat = await askedChat(owner, "[[tokens=20]] [[delay=5]]");
  const answer = complete(owner, completionBody(chat, { stream: false }));
  await Promise.all(
    MANY.map(async (index) => {
      const message = userMessage(`u${index}`, `Number ${index}`, { parentId: chat.answerId });
      expectOk(await owner.post(`/api/v1/chats/${chat.chatId}`, { chat: { messages: [message] } }));
    }),
  );
  expectOk(await answer);
  const record = await fetchChat(owner, chat.chatId);
  for (const index of MANY) {
    expect(branchOf(record, `u${index}`)).toEqual([chat.userId, chat.answerId, `u${index}`]);
  }
  const { content } = record.chat.history.messages[chat.answerId];
  expect(content.trim().split(" ")).toHaveLength(20);
});

test("many chats at once, each with its own answer, under the same literal ids", async () => {
  const chats = await Promise.all(
    MANY.map(async (index) => {
      const question = `Question ${index} [[echo]]`;
      const record = await newChat(owner, chatOf([userMessage("user-msg-id", question)]));
      const chat = { chatId: record.id, userId: "user-msg-id", answerId: "assistant-msg-id", question };
      expectOk(await complete(owner, completionBody(chat, { stream: false })));
      return chat;
    }),
  );
  for (const { chatId, question } of chats) {
    const { chat } = await fetchChat(owner, chatId);
    expect(chat.messages.map(({ content }: Json) => content)).toEqual([question, question]);
  }
});
