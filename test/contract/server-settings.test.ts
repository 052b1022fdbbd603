import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { askedChat, complete, completionBody, expectOk, fetchChat, noTasks } from "../support/chat.ts";
import { createCaller, detailOf, type Json } from "../support/http.ts";
import { account, openStage, type Stage, signIn } from "../support/server.ts";

let stage: Stage;
let firstAccounts: Json;
let firstTasks: Json;

beforeAll(async () => {
  stage = await openStage({ server: { enableSignup: true } });
  firstAccounts = expectOk(await stage.owner.get("/api/v1/auths/admin/config"));
  firstTasks = expectOk(await stage.owner.get("/api/v1/tasks/config"));
});
afterEach(async () => {
  expectOk(await setAccounts(firstAccounts));
  expectOk(await setTasks(firstTasks));
  stage.provider.reset();
});
afterAll(() => stage?.close());

const setAccounts = (change: Json) => stage.owner.post("/api/v1/auths/admin/config", change);
const setTasks = (change: Json) => stage.owner.post("/api/v1/tasks/config/update", change);
const anonymous = () => createCaller(stage.url, "");
const signUp = (name: string) => anonymous().post("/api/v1/auths/signup", account(name));
const pageConfig = async () => expectOk(await anonymous().get("/api/config"));

describe("accounts", () => {
  test("sign-up closes and opens, and the pages are told", async () => {
    expect((await pageConfig()).features.enable_signup).toBe(true);
    expect(expectOk(await setAccounts({ ENABLE_SIGNUP: false })).ENABLE_SIGNUP).toBe(false);
    expect((await pageConfig()).features.enable_signup).toBe(false);
    expect((await signUp("late")).status).toBe(403);
    expectOk(await setAccounts({ ENABLE_SIGNUP: true }));
    expect(expectOk(await signUp("early")).role).toBe("user");
  });

  test("a pending account may see who it is and whom to ask, and nothing else", async () => {
    expectOk(
      await setAccounts({
        DEFAULT_USER_ROLE: "pending",
        PENDING_USER_OVERLAY_TITLE: "Patience",
        ADMIN_EMAIL: "",
      }),
    );
    const { token, role, id } = expectOk(await signUp("waiting"));
    expect(role).toBe("pending");
    const waiting = createCaller(stage.url, token);
    expect(expectOk(await waiting.get("/api/v1/auths/")).role).toBe("pending");
    expect(expectOk(await waiting.get("/api/v1/auths/admin/details"))).toEqual({
      name: "owner",
      email: "owner@example.org",
    });
    expect((await pageConfig()).ui.pending_user_overlay_title).toBe("Patience");
    for (const path of ["/api/v1/chats/", "/api/models", "/api/v1/users/user/settings", "/openai/config"]) {
      expect((await waiting.get(path)).status, path).toBe(401);
    }
    expectOk(await setAccounts({ ADMIN_EMAIL: "help@example.org" }));
    expect(expectOk(await waiting.get("/api/v1/auths/admin/details"))).toEqual({
      name: null,
      email: "help@example.org",
    });
    expectOk(await setAccounts({ SHOW_ADMIN_DETAILS: false }));
    expect((await waiting.get("/api/v1/auths/admin/details")).status).toBe(400);
    expectOk(await stage.owner.post(`/api/v1/users/${id}/update`, { role: "user" }));
    expectOk(await (await signIn(stage.url, "waiting")).get("/api/v1/chats/"));
    expectOk(await waiting.post("/api/v1/auths/signin", account("waiting")));
  });

  test.each([
    ["1h", 3_600],
    ["2.5m", 150],
    ["3w", 3 * 7 * 86_400],
  ])("a session lasts %s from the next sign-in on", async (lifetime, seconds) => {
    expect(expectOk(await setAccounts({ JWT_EXPIRES_IN: lifetime })).JWT_EXPIRES_IN).toMatch(/^\d+[wdhms]$/);
    const { token } = expectOk(await anonymous().post("/api/v1/auths/signin", account("owner")));
    const claims = JSON.parse(Buffer.from(token.split(".")[1], "base64url").toString());
    expect(claims.exp - claims.iat).toBe(seconds);
  });

  test("API keys can be switched off: old ones are refused, new ones are not made", async () => {
    const user = await stage.addUser("keys");
    const { api_key: key } = expectOk(await user.post("/api/v1/auths/api_key"));
    const program = createCaller(stage.url, key);
    expectOk(await program.get("/api/models"));
    expect(expectOk(await setAccounts({ ENABLE_API_KEYS: false }))).toMatchObject({
      ENABLE_API_KEY: false,
      ENABLE_API_KEYS: false,
    });
    expect((await pageConfig()).features.enable_api_keys).toBe(false);
    expect((await program.get("/api/models")).status).toBe(401);
    expect((await user.post("/api/v1/auths/api_key")).status).toBe(403);
    expectOk(await setAccounts({ ENABLE_API_KEY: true }));
    expectOk(await program.get("/api/models"));
  });

  test.each([
    [{ DEFAULT_USER_ROLE: "admin" }, 422],
    [{ ENABLE_SIGNUP: "perhaps" }, 422],
    [{ JWT_EXPIRES_IN: "-1" }, 400],
    [{ JWT_EXPIRES_IN: "0" }, 400],
    [{ JWT_EXPIRES_IN: "1s" }, 400],
    [{ JWT_EXPIRES_IN: "1e9w" }, 400],
    [{ JWT_EXPIRES_IN: "999999999w" }, 400],
    [{ ENABLE_MFA: true }, 400],
    [{ ENABLE_CHANNELS: true }, 400],
    [{ PENDING_USER_OVERLAY_CONTENT: "x".repeat(20_001) }, 422],
    [{ DEFAULT_INTERFACE_SETTINGS: [] }, 422],
    [[], 422],
    ["text", 422],
    [null, 422],
  ])("%o is refused, and nothing changes", async (change, status) => {
    const reply = await setAccounts(change);
    expect([reply.status, reply.text]).toEqual([status, expect.any(String)]);
    expect(detailOf(reply)).toMatch(/\w+/);
    expect(expectOk(await stage.owner.get("/api/v1/auths/admin/config"))).toEqual(firstAccounts);
  });

  test("are an administrator's business", async () => {
    const user = await stage.addUser("nosy");
    expect((await user.get("/api/v1/auths/admin/config")).status).toBe(403);
    for (const path of [
      "auths/admin/config",
      "tasks/config/update",
      "configs/banners",
      "configs/suggestions",
    ]) {
      const body = { banners: [], suggestions: [] };
      expect((await user.post(`/api/v1/${path}`, body)).status, path).toBe(403);
    }
  });
});

describe("tasks", () => {
  const ALL = { title_generation: true, tags_generation: true, follow_up_generation: true };
  const asked = () =>
    stage.provider.requests
      .filter(
        ({ path, body }) => path === "/chat/completions" && !JSON.stringify(body).includes('stream":true'),
      )
      .map(({ body }) => body!)
      .slice(1);

  async function answered(text = "Hi there") {
    const chat = await askedChat(stage.owner, text);
    expectOk(await complete(stage.owner, completionBody(chat, { stream: false, background_tasks: ALL })));
    await noTasks(stage.owner, chat.chatId);
    return fetchChat(stage.owner, chat.chatId);
  }

  test("are made by the model that is chosen for them, and by the chat's own where that is away", async () => {
    expectOk(await setTasks({ TASK_MODEL_EXTERNAL: "gpt-4o-mini" }));
    await answered();
    expect(asked().map(({ model }) => model)).toEqual(["gpt-4o-mini", "gpt-4o-mini", "gpt-4o-mini"]);
    stage.provider.reset();
    expectOk(await setTasks({ TASK_MODEL_EXTERNAL: "gone" }));
    await answered();
    expect(asked().map(({ model }) => model)).toEqual(["gpt-4o", "gpt-4o", "gpt-4o"]);
  });

  test("are left out where they are switched off, each for itself", async () => {
    expectOk(await setTasks({ ENABLE_TITLE_GENERATION: false, ENABLE_FOLLOW_UP_GENERATION: false }));
    const { features } = await pageConfig();
    expect([
      features.enable_title_generation,
      features.enable_tags_generation,
      features.enable_follow_up_generation,
    ]).toEqual([false, true, false]);
    const former = await answered();
    expect(asked()).toHaveLength(1);
    expect(JSON.stringify(asked()[0])).toContain("tags");
    expect(former.meta?.tags ?? former.chat.tags).not.toEqual([]);
  });

  test("follow a prompt of the administrator's own", async () => {
    const template =
      '### Task:\nName it in Latin as JSON {"title": "…"}.\n<talk>{{MESSAGES:END:2}}</talk> {{prompt}}';
    expectOk(await setTasks({ TITLE_GENERATION_PROMPT_TEMPLATE: template }));
    await answered("What is $& for?");
    const prompts = asked().map(({ messages }) => String(messages.at(-1)!.content));
    const title = prompts.find((prompt) => prompt.includes("Latin"));
    expect(title).toMatch(/<talk>USER: What is \$& for\?\nASSISTANT: .*<\/talk> What is \$& for\?$/);
  });

  test.each([
    [{ ENABLE_TITLE_GENERATION: 1 }, 422],
    [{ TITLE_GENERATION_PROMPT_TEMPLATE: "x".repeat(20_001) }, 422],
    [{ TASK_MODEL_EXTERNAL: ["gpt-4o"] }, 422],
    [{ ENABLE_AUTOCOMPLETE_GENERATION: true }, 400],
    [{ ENABLE_SEARCH_QUERY_GENERATION: true }, 400],
  ])("%o is refused, and nothing changes", async (change, status) => {
    const reply = await setTasks(change);
    expect([reply.status, reply.text]).toEqual([status, expect.any(String)]);
    expect(expectOk(await stage.owner.get("/api/v1/tasks/config"))).toEqual(firstTasks);
  });
});

describe("what stands on pages", () => {
  const banner = {
    id: "b1",
    type: "warning",
    title: "Tonight",
    content: "We move.",
    dismissible: true,
    timestamp: 1_720_000_000,
  };

  test("banners are shown to everybody who has an account", async () => {
    expect(expectOk(await stage.owner.post("/api/v1/configs/banners", { banners: [banner] }))).toEqual([
      banner,
    ]);
    const user = await stage.addUser("reader");
    expect(expectOk(await user.get("/api/v1/configs/banners"))).toEqual([banner]);
    expect((await anonymous().get("/api/v1/configs/banners")).status).toBe(401);
    expectOk(await stage.owner.post("/api/v1/configs/banners", { banners: [] }));
  });

  test("suggestions come with the pages' configuration", async () => {
    const suggestions = [{ title: ["Cook", "something"], content: "What shall I cook?" }];
    expect(expectOk(await stage.owner.post("/api/v1/configs/suggestions", { suggestions }))).toEqual(
      suggestions,
    );
    expect((await pageConfig()).default_prompt_suggestions).toEqual(suggestions);
  });

  test.each([
    ["banners", {}],
    ["banners", { banners: {} }],
    ["banners", { banners: [{ ...banner, content: 7 }] }],
    ["banners", { banners: Array.from({ length: 51 }, () => banner) }],
    ["suggestions", { suggestions: [{ title: "x", content: "y" }] }],
    ["suggestions", { suggestions: Array.from({ length: 101 }, () => ({ title: [], content: "" })) }],
  ])("%s are refused where they are not sound", async (name, body) => {
    const reply = await stage.owner.post(`/api/v1/configs/${name}`, body);
    expect(reply.status).toBe(422);
    expect(detailOf(reply)).toMatch(/\w+/);
  });
});
