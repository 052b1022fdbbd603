import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectOk, newChat } from "../support/chat.ts";
import { type Caller, createCaller } from "../support/http.ts";
import { openStage, type Stage } from "../support/server.ts";

let stage: Stage;
let owner: Caller;
beforeAll(async () => {
  stage = await openStage();
  owner = stage.owner;
});
afterAll(() => stage.close());

const BASES = ["/api", "/api/v1"];
const OWN_EMBEDDER = "openai:text-embedding-test";

describe.each(BASES)("an OpenAI client on %s", (base) => {
  it("retrieves a model", async () => {
    expect(expectOk(await owner.get(`${base}/models/gpt-4o`))).toMatchObject({
      id: "gpt-4o",
      object: "model",
    });
    expect(await owner.get(`${base}/models/org%2Fnone`)).toMatchObject({
      status: 404,
      body: { error: { message: expect.stringContaining('"org/none"'), code: "not_found" } },
    });
  });

  it("embeds by the provider of a model, in its own words", async () => {
    const answer = expectOk(await owner.post(`${base}/embeddings`, { model: "gpt-4o", input: ["a", "b"] }));
    expect(answer).toMatchObject({ object: "list", model: "gpt-4o", data: [{ index: 0 }, { index: 1 }] });
    const busy = { model: "gpt-4o", input: "[[status=429]]" };
    expect(await owner.post(`${base}/embeddings`, busy)).toMatchObject({
      status: 429,
      body: { detail: expect.stringContaining("mock failure 429"), error: { code: "mock_failure" } },
    });
  });

  it("embeds by the server's own embedder, under its name", async () => {
    const asked = { model: OWN_EMBEDDER, input: "red apple" };
    const [{ embedding }] = expectOk(await owner.post(`${base}/embeddings`, asked)).data;
    expect(embedding).toHaveLength(384);
    const based = await owner.post(`${base}/embeddings`, { ...asked, encoding_format: "base64" });
    const bytes = Buffer.from(expectOk(based).data[0].embedding, "base64");
    expect([...new Float32Array(bytes.buffer, bytes.byteOffset, 384)]).toEqual(embedding);
  });
});

it.each([
  [{ model: "none", input: "x" }, 400],
  [{ model: "gpt-4o" }, 422],
  [{ model: "gpt-4o", input: [] }, 422],
  [{ model: "gpt-4o", input: [1.5] }, 422],
  [{ model: OWN_EMBEDDER, input: [1, 2] }, 400],
  [{ model: OWN_EMBEDDER, input: "x", dimensions: 5 }, 400],
])("refuses to embed %j with %i", async (body, status) => {
  const answer = await owner.post("/api/embeddings", body);
  expect(answer).toMatchObject({ status, body: { error: { message: expect.any(String), param: null } } });
});

it("answers what clients of Open WebUI's own OpenAI routes ask for", async () => {
  expect(expectOk(await owner.get("/openai/models")).data[0].id).toBe("gpt-4o");
  const question = { model: "gpt-4o", messages: [{ role: "user", content: "capital of France?" }] };
  const { choices } = expectOk(await owner.post("/openai/chat/completions", question));
  expect(choices[0].message.content).toBe("The capital of France is Paris.");
});

it("tells a key who it belongs to, and gives it back as the session's token", async () => {
  const { api_key: key } = expectOk(await owner.post("/api/v1/auths/api_key"));
  const session = expectOk(await createCaller(stage.url, key).get("/api/v1/auths/"));
  expect(session).toMatchObject({ token: key, role: "admin", expires_at: null });
});

it("lists tags with their user, and takes a chat whose files are whole records", async () => {
  const { id, user_id } = await newChat(owner, {
    title: "x",
    files: [{ id: "f", type: "file", status: true }],
  });
  expect(expectOk(await owner.post(`/api/v1/chats/${id}/tags`, { name: "Sea" }))).toMatchObject([
    { id: "sea", name: "Sea", user_id },
  ]);
});
