import { describe, expect, it } from "vitest";
import { createFakeClock } from "../../test/support/fake-clock.ts";
import { FakeOpenWebUi } from "../../test/support/fake-open-webui.ts";
import { VERSIONS } from "../../test/support/fake-versions.ts";
import { clientOf, refused, restlessClock } from "../../test/support/scripted-client.ts";
import { never, type SeenRequest } from "../../test/support/scripted-fetch.ts";
import { createOpenWebUiClient } from "./open-webui-client.ts";

const UUID = "[0-9a-f]{8}-[0-9a-f-]{27}";
const PATTERNS = {
  version: /^GET \/api\/version$/,
  serverTurns: new RegExp(`^POST /api/tasks/chat/${UUID}/stop$`),
  historyMerge: new RegExp(`^DELETE /api/v1/chats/${UUID}/messages/${UUID}$`),
  linkMessage: new RegExp(`^GET /api/v1/knowledge/${UUID}/files$`),
  linkParent: /^GET \/api\/v1\/users\/user\/status$/,
};
type Name = keyof typeof PATTERNS;

/** What a request asks for; fails for one that is not among the looks. */
function nameOf({ method, path }: Pick<SeenRequest, "method" | "path">): Name {
  const found = Object.entries(PATTERNS).find(([, pattern]) => pattern.test(`${method} ${path}`));
  if (found === undefined) throw new Error(`${method} ${path} is no look`);
  return found[0] as Name;
}

const page = () => new Response("<!doctype html>", { headers: { "content-type": "text/html" } });
const missing = () => refused(404, "Not Found");
const hidden = () => refused(401, "We could not find what you're looking for :/");
const notAllowed = () => refused(405, "Method Not Allowed");

/** A client whose server calls itself `version` and answers looks so. */
function lookingAt(answers: Partial<Record<Name, () => Response>>, version = "0.12.4", options = {}) {
  const script = (request: SeenRequest) => {
    const name = nameOf(request);
    const answer = answers[name] ?? (request.method === "GET" ? page : notAllowed);
    return name === "version" && answers.version === undefined ? Response.json({ version }) : answer();
  };
  const { client, seen } = clientOf(script, options);
  return { client, looks: () => seen.map(nameOf) };
}

describe("what a server can", () => {
  it.each(VERSIONS)(
    "is found by at most four requests on $version (offstage: $offstage)",
    async (version) => {
      const clock = createFakeClock();
      const server = new FakeOpenWebUi(version, clock);
      const { fetch, baseUrl } = server;
      const client = createOpenWebUiClient({ baseUrl, fetch, clock, token: "t" });
      const { linkParent, linkMessage, serverTurns, historyMerge } = version;
      const [found, same] = await Promise.all([client.capabilities(), client.capabilities()]);
      expect(await client.capabilities()).toBe(found);
      expect(same).toBe(found);
      expect(found).toMatchObject({ linkParent, linkMessage, serverTurns, historyMerge });
      const looks = server.requests.map(nameOf);
      expect(looks).toEqual(["version", ...found.probed]);
      expect(looks).toHaveLength(version.offstage ? 1 : { plain: 4, linked: 3, turns: 3 }[pathOf(version)]);
      expect(server.chats.size + server.completions.length).toBe(0);
    },
  );

  const pathOf = ({ serverTurns, linkMessage }: { serverTurns: boolean; linkMessage: boolean }) =>
    serverTurns ? "turns" : linkMessage ? "linked" : "plain";

  it.each<[string, Partial<Record<Name, () => Response>>, object]>([
    ["0.6.15, with its pages", {}, { linkParent: false, linkMessage: false, stopScope: "task" }],
    [
      "0.6.15, without its pages",
      { serverTurns: missing, linkMessage: missing, linkParent: missing },
      { linkParent: false, linkMessage: false, parallelSafe: true },
    ],
    ["0.6.41", { linkParent: () => Response.json({}) }, { linkParent: true, linkMessage: false }],
    ["0.6.41 to a plain user", { linkParent: () => refused(403, "Access prohibited") }, { linkParent: true }],
    ["0.8.12", { linkMessage: hidden }, { linkParent: true, linkMessage: true, knowledgeFilesPaged: true }],
    ["0.9.6", { serverTurns: hidden }, { serverTurns: true, historyMerge: false, parallelSafe: false }],
    [
      "0.12.4",
      { serverTurns: () => Response.json({ status: true }), historyMerge: hidden },
      { serverTurns: true, linkParent: true, historyMerge: true, stopScope: "chat", deleteMessage: true },
    ],
    [
      "0.12.4 behind a proxy that lets no DELETE pass",
      { serverTurns: hidden, historyMerge: () => new Response("<html>", { status: 403 }) },
      { serverTurns: true, historyMerge: false },
    ],
  ])("is read from answers as those of %s", async (_name, answers, expected) => {
    expect(await lookingAt(answers).client.capabilities()).toMatchObject(expected);
  });

  it.each(["0.13.0", "1.0.0", "0.0.0", "0.5.0-acme", "main"])(
    "is looked at where it is %s",
    async (version) => {
      const { client } = lookingAt({ serverTurns: hidden, historyMerge: hidden }, version);
      expect(await client.capabilities()).toMatchObject({ version, serverTurns: true, historyMerge: true });
    },
  );

  it.each(["0.6.14", "0.5.20"])("is not asked of %s, which is too old", async (version) => {
    const { client, looks } = lookingAt({}, version);
    await expect(client.capabilities()).rejects.toMatchObject({
      code: "unsupported_version",
      retryable: false,
      message: expect.stringMatching(/works from 0\.6\.15 on\. Upgrade that server\./),
    });
    expect(looks()).toEqual(["version"]);
  });

  it.each([
    ["plain text", () => new Response("404 page not found", { status: 404 })],
    ["JSON of its own", () => Response.json({ error: "not found" }, { status: 404 })],
  ])("is nothing where a program with a version answers by %s", async (_name, foreign) => {
    const { client } = lookingAt({ serverTurns: foreign, linkMessage: foreign, linkParent: foreign });
    await expect(client.capabilities()).rejects.toMatchObject({
      code: "not_open_webui",
      message: expect.stringContaining("has none of Open WebUI's calls"),
    });
  });

  it("is not guessed where a gateway sends looks elsewhere", async () => {
    const elsewhere = () => new Response(null, { status: 302, headers: { location: "https://sso.test/" } });
    const { client } = lookingAt({ serverTurns: elsewhere });
    await expect(client.capabilities()).rejects.toMatchObject({
      code: "not_open_webui",
      message: expect.stringContaining("https://sso.test/"),
    });
  });

  it.each<[string, Name, () => Response, string]>([
    ["its version fails", "version", () => new Response("<html>", { status: 502 }), "server_failed"],
    ["it refuses the token", "serverTurns", () => refused(401, "401 Unauthorized"), "unauthorized"],
    ["it wants a token", "linkMessage", () => refused(403, "Not authenticated"), "unauthorized"],
    ["it fails", "linkParent", () => refused(500, "boom"), "server_failed"],
  ])("is not guessed when %s, and asked for again", async (_name, failing, failure, code) => {
    const answers: Partial<Record<Name, () => Response>> = { [failing]: failure };
    const { client } = lookingAt(answers, "0.6.15", { retry: { retries: 1 } });
    await expect(client.capabilities()).rejects.toMatchObject({ code });
    delete answers[failing];
    expect(await client.capabilities()).toMatchObject({ linkParent: false });
  });
});

describe("a look that does not end", () => {
  it("ends with the deadline of who asked", async () => {
    const { client } = clientOf((_request, signal) => never(signal), { clock: restlessClock(100) });
    await expect(client.capabilities({ deadlineAtMs: 105 })).rejects.toMatchObject({ code: "timed_out" });
  });

  it("is not begun for who has given up already", async () => {
    const { client, seen } = clientOf((_request, signal) => never(signal));
    const look = client.capabilities({ signal: AbortSignal.abort() });
    await expect(look).rejects.toMatchObject({ code: "cancelled" });
    expect(seen).toEqual([]);
  });

  it("goes on for others when one gives up, and ends when nobody waits", async () => {
    const asked: AbortSignal[] = [];
    const { client } = clientOf((_request, signal) => {
      asked.push(signal);
      return never(signal);
    });
    const [first, second] = [new AbortController(), new AbortController()];
    const outcomes = [first, second].map(({ signal }) =>
      client.capabilities({ signal }).catch((error) => error),
    );
    await new Promise(setImmediate);
    first.abort();
    expect(await outcomes[0]).toMatchObject({ code: "cancelled" });
    expect(asked.map(({ aborted }) => aborted)).toEqual([false]);
    second.abort();
    expect(await outcomes[1]).toMatchObject({ code: "cancelled" });
    await new Promise(setImmediate);
    expect(asked.map(({ aborted }) => aborted)).toEqual([true]);
  });
});
