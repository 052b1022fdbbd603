import { describe, expect, it } from "vitest";
import {
  buildAssistantMessage,
  buildChat,
  buildCompletedRequest,
  buildCompletionsRequest,
  buildUserMessage,
} from "./builders.ts";

const CHAT = "550e8400-e29b-41d4-a716-446655440000";
const USER = "550e8400-e29b-41d4-a716-446655440001";
const ASSISTANT = "550e8400-e29b-41d4-a716-446655440002";
const question = { id: USER, content: "Hi", timestamp: 1_720_000_000_000, models: ["gpt-4o"] };
const placeholder = {
  id: ASSISTANT,
  parentId: USER,
  modelName: "gpt-4o",
  modelIdx: 0,
  timestamp: 1_720_000_001_000,
};
const completion = {
  chat_id: CHAT,
  id: ASSISTANT,
  messages: [{ role: "user" as const, content: "Hi" }],
  model: "gpt-4o",
  session_id: "session-id",
};

describe("builders of the tutorial's DTOs", () => {
  it("make a chat whose messages stand in both places, linked", () => {
    const messages = [buildUserMessage(question), buildAssistantMessage(placeholder)] as Parameters<
      typeof buildChat
    >[0]["messages"];
    const chat = buildChat({ title: "New Chat", models: ["gpt-4o"], messages });
    expect(chat).toMatchObject({
      files: [],
      tags: [],
      params: {},
      timestamp: 1_720_000_000_000,
      currentId: ASSISTANT,
    });
    expect(chat.messages.map(({ id }) => id)).toEqual([USER, ASSISTANT]);
    expect(chat.history).toMatchObject({ currentId: ASSISTANT, current_id: ASSISTANT });
    expect(chat.history.messages?.[USER]).toMatchObject({ parentId: null, childrenIds: [ASSISTANT] });
    expect(chat.history.messages?.[ASSISTANT]).toMatchObject({
      parentId: USER,
      content: "",
      model: "gpt-4o",
    });
  });

  it("make requests with the reference's defaults", () => {
    expect(buildCompletionsRequest(completion)).toEqual({ ...completion, stream: false });
    const completed = { model: "gpt-4o", chat_id: CHAT, id: ASSISTANT, session_id: "s" };
    expect(buildCompletedRequest(completed)).toEqual(completed);
  });

  it.each<[string, () => unknown, string]>([
    [
      "an id that is no UUID",
      () => buildUserMessage({ ...question, id: "user-msg-id" }),
      "id: must be a UUID",
    ],
    [
      "seconds",
      () => buildUserMessage({ ...question, timestamp: 1_720_000_000 }),
      "timestamp: must be in milliseconds",
    ],
    ["no model", () => buildUserMessage({ ...question, models: [] }), "models"],
    [
      "an answer without a question",
      () => buildAssistantMessage({ ...placeholder, parentId: "" }),
      "parentId",
    ],
    [
      "a file that is being processed",
      () =>
        buildCompletionsRequest({
          ...completion,
          files: [{ id: "f", type: "file", status: "processing" as "processed" }],
        }),
      "files.0.status: must be 'processed'",
    ],
    ["no session", () => buildCompletionsRequest({ ...completion, session_id: "" }), "session_id"],
    [
      "a field that it does not know",
      () => buildCompletionsRequest({ ...completion, ...{ tool: 1 } }),
      "tool",
    ],
    ["a chat without a title", () => buildChat({ title: "", models: ["m"], messages: [] }), "title"],
  ])("refuse %s by name", (_, build, sentence) => {
    expect(build).toThrow(
      expect.objectContaining({ code: "bad_input", message: expect.stringContaining(sentence) }),
    );
  });
});
