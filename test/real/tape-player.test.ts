import { describe, expect, it } from "vitest";
import { normaliseTape, type TapeEntry } from "./tape.ts";
import { TapePlayer } from "./tape-player.ts";

const CHAT = "0f4b1f64-6d3a-4b6c-9a57-0a8a3f5b9f01";
const MESSAGE = "1e5c2a75-7e4b-4c7d-8b68-1b9b4a6cae12";
const OTHER_MESSAGE = "2d6d3b86-8f5c-4d8e-9c79-2cac5b7dbf23";
const SERVER = "http://open-webui.invalid";

const read = (state: string): TapeEntry => ({
  kind: "call",
  method: "GET",
  path: `/api/v1/chats/${CHAT}`,
  status: 200,
  reply: { id: CHAT, state, at: 1_763_700_000 },
});

/** A chat is made, looked at twice, written to and looked at once more. */
const entries: TapeEntry[] = [
  {
    kind: "call",
    method: "POST",
    path: "/api/v1/chats/new",
    body: { message: MESSAGE, at: 1_763_700_000 },
    status: 200,
    reply: { id: CHAT },
  },
  read("empty"),
  read("growing"),
  {
    kind: "call",
    method: "POST",
    path: `/api/v1/chats/${CHAT}`,
    body: { next: MESSAGE },
    failure: "ECONNRESET",
  },
  read("written"),
];
const tape = normaliseTape({ notes: "", entries });

async function send(
  player: TapePlayer,
  method: string,
  path: string,
  body?: unknown,
): Promise<Record<string, string>> {
  const response = await player.fetch(SERVER + path, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return (await response.json()) as Record<string, string>;
}

/** A player whose chat was made with a message id of this run. */
async function playerWithChat() {
  const player = new TapePlayer(tape);
  const { id } = await send(player, "POST", "/api/v1/chats/new", {
    message: OTHER_MESSAGE,
    at: 1_800_000_000,
  });
  const look = async () => (await send(player, "GET", `/api/v1/chats/${id}`)).state;
  return { player, id, look };
}

describe("a recording", () => {
  it("names ids in the order in which they came, and knows one moment only", () => {
    expect(tape.entries[0]).toMatchObject({
      body: { message: "«1»", at: 1_704_067_200 },
      reply: { id: "«2»" },
    });
    expect(tape.entries[1]).toMatchObject({ path: "/api/v1/chats/«2»", reply: { at: 1_704_067_200 } });
  });

  it("plays the states of a chat one after the other, and the last one before a write again", async () => {
    const { look } = await playerWithChat();
    expect([await look(), await look(), await look()]).toEqual(["empty", "growing", "growing"]);
  });

  it("plays no state of before a write after it, and the write's own failure", async () => {
    const { player, id, look } = await playerWithChat();
    const write = send(player, "POST", `/api/v1/chats/${id}`, { next: OTHER_MESSAGE });
    await expect(write).rejects.toMatchObject({ cause: { code: "ECONNRESET" } });
    expect([await look(), await look()]).toEqual(["written", "written"]);
    expect(player.missing()).toEqual([]);
  });

  it("knows what was not asked for", async () => {
    const { player } = await playerWithChat();
    expect(player.missing()).toEqual(["POST /api/v1/chats/«2»"]);
  });

  it.each([
    ["another body", "POST", { next: OTHER_MESSAGE, more: true }, /more: true/],
    ["another id", "POST", { next: CHAT }, /next/],
    ["a call that it does not have", "DELETE", undefined, /no further DELETE/],
  ])("tells %s as the difference", async (_what, method, body, sentence) => {
    const { player, id } = await playerWithChat();
    await expect(send(player, method, `/api/v1/chats/${id}`, body)).rejects.toThrow(sentence);
    await expect(player.difference).rejects.toThrow(sentence);
  });
});
