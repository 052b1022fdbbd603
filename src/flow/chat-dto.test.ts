import { describe, expect, it } from "vitest";
import type { StoredChat } from "../contract/stored-chat.ts";
import { chatDto } from "./chat-dto.ts";

const user = {
  id: "u",
  role: "user" as const,
  content: "Hi",
  parentId: null,
  childrenIds: ["a"],
  timestamp: 1_720_000_000,
};
const assistant = {
  id: "a",
  role: "assistant" as const,
  content: "",
  output: [{ type: "message", content: [{ type: "output_text", text: "Hello." }] }],
  parentId: "u",
  childrenIds: [],
  timestamp: 1_720_000_001_000,
};
const record: StoredChat = {
  id: "chat",
  title: "A title",
  created_at: 1_720_000_000,
  updated_at: 1_720_000_002,
  meta: { tags: ["geography"] },
  chat: { title: "old", messages: [], history: { currentId: "a", messages: { u: user, a: assistant } } },
};

describe("a stored chat as the tutorial's Chat DTO", () => {
  it("has every field, times in milliseconds, and the text wherever the server keeps it", () => {
    expect(chatDto(record)).toMatchObject({
      id: "chat",
      title: "A title",
      models: [],
      files: [],
      tags: [{ id: "geography", name: "geography" }],
      params: {},
      timestamp: 1_720_000_000_000,
      currentId: "a",
      history: {
        current_id: "a",
        messages: { u: { timestamp: 1_720_000_000_000 }, a: { content: "Hello." } },
      },
      messages: [
        { id: "u", content: "Hi", timestamp: 1_720_000_000_000 },
        { id: "a", content: "Hello.", timestamp: 1_720_000_001_000 },
      ],
    });
  });

  it("prefers tags that the server has whole", () => {
    const tags = [{ id: "1", name: "geography", color: "#4CAF50" }];
    expect(chatDto({ ...record, chat: { ...record.chat, tags } }).tags).toEqual(tags);
  });
});
