import { afterEach, beforeEach, expect, it } from "vitest";
import { startProvider, type TestProvider } from "./provider.ts";

let provider: TestProvider;

beforeEach(async () => {
  provider = await startProvider();
});

afterEach(() => provider.close());

function post(content: string, fields: Record<string, unknown> = {}): Promise<Response> {
  const body = { model: "gpt-4o", messages: [{ role: "user", content }], stream: true, ...fields };
  return fetch(`${provider.url}/chat/completions`, { method: "POST", body: JSON.stringify(body) });
}

async function textOf(content: string): Promise<string> {
  const answer = await (await post(content, { stream: false })).json();
  return (answer as { choices: { message: { content: string } }[] }).choices[0]!.message.content;
}

it.each([
  ["Hi, what is the capital of France?", "The capital of France is Paris."],
  ["[[tokens=3]]", "tok0 tok1 tok2 "],
  ["[[empty]]", ""],
  ["Repeat [[echo]]", "Repeat [[echo]]"],
  ['[[json={"a":[[1],["]]"]]}]]', '{"a":[[1],["]]"]]}'],
  ['### Task:\nAs {"title": ""}. [[status=500]]', '{"title":"🇫🇷 Capital of France"}'],
  ['Context\n### Task:\nAs {"tags": []}', '{"tags":["Geography","Europe"]}'],
])("answers %j with %j", async (content, answer) => {
  expect(await textOf(content)).toBe(answer);
});

it("streams the same bytes slowly and at once", async () => {
  for (const content of ["[[tokens=5]] [[reason=2]] [[usage]]", "[[tool]]"]) {
    const fast = await (await post(content)).text();
    expect(await (await post(`${content} [[delay=1]]`)).text()).toBe(
      fast.replace('"prompt_tokens":3', '"prompt_tokens":4').replace('"total_tokens":8', '"total_tokens":9'),
    );
    expect(fast).toMatch(/data: \[DONE\]\n\n$/);
  }
});

it("refuses what OpenAI refuses when strict", async () => {
  provider.configure({ strict: true });
  expect((await post("Hi", { chat_id: "x" })).status).toBe(400);
  expect((await post("Hi", { stream: false, stream_options: {} })).status).toBe(400);
  expect((await post("Hi", { temperature: 1, tools: [] })).status).toBe(200);
  provider.reset();
  expect((await post("Hi", { chat_id: "x" })).status).toBe(200);
});

it("fails its tasks as told", async () => {
  provider.configure({ task: "status500" });
  expect((await post('### Task:\n"title"')).status).toBe(500);
  expect((await post("Hi")).status).toBe(200);
  provider.configure({ task: "plain" });
  expect(await textOf('### Task:\n"title"')).not.toContain("{");
});

it("sees who goes away early, and counts who is there", async () => {
  const stop = new AbortController();
  const body = { model: "gpt-4o", stream: true, messages: [{ role: "user", content: "[[stall=1]]" }] };
  const request = { method: "POST", body: JSON.stringify(body), signal: stop.signal };
  await fetch(`${provider.url}/chat/completions`, request);
  expect(provider.open).toEqual({ now: 1, most: 1 });
  stop.abort();
  await provider.requests[0]!.closed;
  expect(provider.requests[0]).toMatchObject({ clientClosed: true, tokensSent: 1 });
  expect(provider.open).toEqual({ now: 0, most: 1 });
});
