import { describe, expect, it } from "vitest";
import { ApiError, OffstageError } from "../errors.ts";
import { type ChatReader, type ChatReport, examineChats } from "./examine-chats.ts";

const ids = (count: number) => Array.from({ length: count }, (_, n) => `c${n}`);

async function* each(chatIds: string[]): AsyncGenerator<string> {
  yield* chatIds;
}

const failure = (status: number) =>
  new ApiError("server_failed", "Internal Server Error.", {
    status,
    body: "Internal Server Error",
    requestId: null,
    retryAfterSec: null,
  });

/** A server of empty chats, where reading a chat may fail. */
function readerOf(failures: Record<string, OffstageError> = {}) {
  const calls: string[] = [];
  const open = { now: 0, most: 0 };
  const client: ChatReader = {
    listTasks: async (id) => {
      calls.push(`tasks ${id}`);
      return [];
    },
    getChatRecord: async (id) => {
      calls.push(`chat ${id}`);
      open.most = Math.max(open.most, ++open.now);
      await new Promise(setImmediate);
      open.now -= 1;
      if (failures[id] !== undefined) throw failures[id];
      return { id, title: `Title of ${id}`, chat: {} };
    },
  };
  return { client, calls, open };
}

describe("examineChats", () => {
  it("reads every chat once, its tasks first, four chats at a time", async () => {
    const { client, calls, open } = readerOf();
    const reports: ChatReport[] = [];
    await examineChats(client, each(ids(50)), { onReport: (report) => reports.push(report) });
    expect(reports.map(({ id }) => id).sort()).toEqual(ids(50).sort());
    expect(reports[0]).toEqual({ id: "c0", title: "Title of c0", findings: [] });
    expect(calls).toHaveLength(100);
    for (const id of ids(50)) expect(calls.indexOf(`tasks ${id}`)).toBeLessThan(calls.indexOf(`chat ${id}`));
    expect(open.most).toBe(4);
  });

  it("reports a chat that its server fails to read, and goes on", async () => {
    const { client } = readerOf({ c1: failure(500) });
    const reports: ChatReport[] = [];
    await examineChats(client, each(ids(9)), { onReport: (report) => reports.push(report) });
    expect(reports).toHaveLength(9);
    expect(reports.find(({ id }) => id === "c1")?.findings).toMatchObject([
      { code: "unreadable", severity: "breaks", sentence: expect.stringContaining("Internal Server Error.") },
    ]);
  });

  it("tells of a chat that is gone, or fails where nobody wants to know", async () => {
    const { client } = readerOf({ c1: new OffstageError("not_found", "No such chat.") });
    const gone: string[] = [];
    await examineChats(client, each(ids(3)), { onReport: () => {}, onGone: (id) => gone.push(id) });
    expect(gone).toEqual(["c1"]);
    await expect(examineChats(client, each(["c1"]), { onReport: () => {} })).rejects.toMatchObject({
      code: "not_found",
    });
  });

  it.each([new OffstageError("unauthorized", "Sign in again."), failure(502)])(
    "stops at a failure that is not about one chat: $code",
    async (error) => {
      const { client, calls } = readerOf({ c5: error });
      await expect(examineChats(client, each(ids(100)), { onReport: () => {} })).rejects.toBe(error);
      expect(calls.length).toBeLessThan(40);
    },
  );
});
