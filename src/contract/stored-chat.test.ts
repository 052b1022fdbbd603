import { describe, expect, it } from "vitest";
import { recordedExchange } from "../../test/support/recordings.ts";
import { decodeStoredChat } from "./stored-chat.ts";

describe("a chat's record", () => {
  it("keeps everything that a server sent", () => {
    const { body } = recordedExchange("0.6.15/16_step7_final").response;
    expect(decodeStoredChat(body)).toMatchObject(body as object);
  });

  it("takes current_id where it stands alone", () => {
    const { body } = recordedExchange("0.6.15/10_step1_new").response;
    expect(decodeStoredChat(body)!.chat.history.currentId).toBe("user-msg-id");
  });

  it("has both places of messages where a server has none", () => {
    const chat = decodeStoredChat({ id: "c", chat: {} })!;
    expect(chat.chat).toEqual({ messages: [], history: { messages: {}, currentId: null } });
    expect(chat).toMatchObject({ title: "", created_at: 0, updated_at: 0, meta: {} });
  });

  it.each([null, true, [], {}, { id: 3, chat: {} }, { id: "c" }, { id: "c", chat: "x" }])(
    "is not %j",
    (body) => {
      expect(decodeStoredChat(body)).toBeNull();
    },
  );
});
