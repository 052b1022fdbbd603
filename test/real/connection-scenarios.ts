import { equal, ok } from "node:assert/strict";
import { createOffstage, type Offstage } from "../../src/index.ts";
import { startCuttingProxy } from "./cutting-proxy.ts";
import {
  completionsOf,
  expectBranch,
  expectedAnswer,
  forestChat,
  question,
  type RealStage,
  type Scenario,
} from "./stage.ts";
import { inTheMiddle, SLOWLY } from "./turn-proofs.ts";

const LATE_USER = {
  name: "late",
  email: "late@example.org",
  password: "correct horse battery",
  role: "admin",
};

/** What breaks between the flow and the server, while both are well. */
export const CONNECTION_SCENARIOS: Readonly<Record<string, Scenario>> = {
  "a lost reply to the new chat makes no second one": lostReply("first", (path) =>
    path.endsWith("/chats/new"),
  ),
  "a lost reply to the completion makes no second answer": lostReply("first", isCompletion),
  "a lost reply to the next turn's write loses nothing": lostReply(
    "next",
    (path, method) => /^\/api\/v1\/chats\/[^/]+$/.test(path) && method === "POST",
  ),
  "a lost reply to the next turn's completion makes no second answer": lostReply("next", isCompletion),

  async "a completion that never arrived is asked for again"(stage) {
    let cuts = 0;
    const another = stage.connect((input, init) => {
      if (cuts > 0 || !isCompletion(pathOf(input))) return fetch(input, init);
      cuts++;
      throw connectionLost();
    });
    const turn = another.ask(question("hello", { firstTokenGraceMs: 2_000 }));
    const { chatId } = await turn.answer();
    equal(cuts, 1);
    equal(completionsOf(stage.provider).length, 1);
    await expectBranch(stage, chatId, ["hello", expectedAnswer("hello")]);
  },

  async "live events that end in mid-answer are done without"(stage) {
    const proxy = await startCuttingProxy(stage.offstage.client.baseUrl);
    const { token } = await stage.offstage.client.session();
    const another = createOffstage({ baseUrl: proxy.url, token: token ?? "" });
    try {
      const turn = another.ask(question(SLOWLY, { wait: "events" }));
      await inTheMiddle(stage);
      ok(proxy.cutSockets() > 0, "there was a websocket, and it was cut");
      const { text } = await turn.answer();
      equal(text.trim().split(" ").length, 200);
      equal(completionsOf(stage.provider).length, 1);
    } finally {
      await another.close();
      await proxy.close();
    }
  },

  async "a token that expires in mid-answer is renewed"(stage) {
    const { another, expire, refused } = await expiringOffstage(stage);
    try {
      const { chatId } = await another.ask(question("before")).answer();
      const turn = another.ask(question(SLOWLY, { chatId, wait: "poll" }));
      await inTheMiddle(stage);
      expire();
      const { text } = await turn.answer();
      equal(text.trim().split(" ").length, 200);
      ok(refused() > 0, "the old token was refused");
      equal(completionsOf(stage.provider).length, 2);
      const { chat } = await forestChat({ ...stage, offstage: another }, chatId);
      equal(Object.keys(chat.history.messages).length, 4);
    } finally {
      await another.close();
    }
  },
};

/** Sends one request whose reply is lost after the server did what it says, in the first turn of a chat or in the next. */
function lostReply(lostIn: "first" | "next", isLost: (path: string, method: string) => boolean): Scenario {
  return async (stage) => {
    let lost = 0;
    let armed = lostIn === "first";
    const another = stage.connect(async (input, init) => {
      const response = await fetch(input, init);
      if (!armed || lost > 0 || !isLost(pathOf(input), init?.method ?? "GET")) return response;
      lost++;
      await response.body?.cancel();
      throw connectionLost();
    });
    const first = another.ask(question("first"));
    const { chatId } = await first.answer();
    const texts = ["first", expectedAnswer("first")];
    if (lostIn === "next") {
      armed = true;
      await another.ask(question("next", { chatId })).answer();
      texts.push("next", expectedAnswer("next", 3));
    }
    equal(lost, 1);
    await expectBranch(stage, chatId, texts);
    equal(completionsOf(stage.provider).length, texts.length / 2);
    equal(await countChatsWith(stage, first.ids.userMessageId), 1);
  };
}

/** How many of the newest chats hold the message. */
async function countChatsWith({ offstage }: RealStage, messageId: string): Promise<number> {
  const rows = (await offstage.client.listChats()).slice(0, 5);
  const records = await Promise.all(rows.map(({ id }) => offstage.client.getChat(id)));
  return records.filter(({ chat }) => chat.history.messages[messageId] !== undefined).length;
}

/** A user's Offstage with credentials, whose tokens of now the server no longer knows after `expire`. */
async function expiringOffstage(stage: RealStage) {
  const { baseUrl } = stage.offstage.client;
  const { token } = await stage.offstage.client.session();
  const { email, password } = LATE_USER;
  // A second time, the user is there already.
  await fetch(`${baseUrl}/api/v1/auths/add`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify(LATE_USER),
  });
  const sent = new Set<string>();
  const expired = new Set<string>();
  let refused = 0;
  const another: Offstage = createOffstage({
    baseUrl,
    credentials: { email, password },
    fetch: (input, init) => {
      // A sign-in may give the same token again, where tokens never expire by themselves.
      if (pathOf(input).endsWith("/signin")) expired.clear();
      const headers = new Headers(init?.headers);
      const authorization = headers.get("authorization");
      if (authorization !== null) {
        sent.add(authorization);
        if (expired.has(authorization)) {
          refused++;
          headers.set("authorization", `${authorization}x`);
        }
      }
      return fetch(input, { ...init, headers });
    },
  });
  return {
    another,
    expire: () => {
      for (const authorization of sent) expired.add(authorization);
    },
    refused: () => refused,
  };
}

function isCompletion(path: string): boolean {
  return path === "/api/chat/completions";
}

function pathOf(input: string | URL | Request): string {
  return new URL(input instanceof Request ? input.url : input).pathname;
}

function connectionLost(): TypeError {
  const cause = Object.assign(new Error("the connection was cut"), { code: "ECONNRESET" });
  return new TypeError("fetch failed", { cause });
}
