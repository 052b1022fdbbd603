import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { MODEL } from "../support/chat.ts";
import { eventually } from "../support/eventually.ts";
import { ask, composer, lastAnswer, missingBrowser, openUiStage, type UiStage } from "./ui-stage.ts";

const curl = promisify(execFile);
const missing = missingBrowser();
if (missing) console.warn(`skipped: the web UI in a browser: ${missing}`);

const textOf = async (page: Page) => ((await lastAnswer(page).textContent()) ?? "").trim();

describe.skipIf(missing !== null)("the web UI while a backend drives a chat", () => {
  let stage: UiStage;

  beforeAll(async () => {
    stage = await openUiStage({ provider: { delayMs: 20 } });
  });
  afterAll(() => stage?.close());

  /** One of the tutorial's calls, by curl. */
  async function post(path: string, body: unknown): Promise<string> {
    const { stdout } = await curl("curl", [
      ...["-s", "-X", "POST", stage.url + path, "-d", JSON.stringify(body)],
      ...["-H", `Authorization: Bearer ${stage.owner.token}`, "-H", "Content-Type: application/json"],
    ]);
    return stdout;
  }

  const question = (content: string) => ({
    id: "user-msg-id",
    role: "user",
    content,
    timestamp: 1_720_000_000_000,
    models: [MODEL],
  });
  const placeholder = {
    id: "assistant-msg-id",
    role: "assistant",
    content: "",
    parentId: "user-msg-id",
    modelName: MODEL,
    modelIdx: 0,
    timestamp: 1_720_000_001_000,
  };

  /** Steps 1 to 3 of the tutorial. */
  async function placeQuestion(content: string): Promise<string> {
    const user = question(content);
    const chat = { title: "New Chat", models: [MODEL], messages: [user] };
    const made = await post("/api/v1/chats/new", {
      chat: { ...chat, history: { current_id: user.id, messages: { [user.id]: user } } },
    });
    const { id } = JSON.parse(made) as { id: string };
    const messages = { [user.id]: user, [placeholder.id]: placeholder };
    await post(`/api/v1/chats/${id}`, {
      chat: { ...chat, messages: [user, placeholder], history: { current_id: placeholder.id, messages } },
    });
    return id;
  }

  /** Step 4: resolves once the whole stream has come. */
  const trigger = (chatId: string, content: string) =>
    post("/api/chat/completions", {
      chat_id: chatId,
      id: placeholder.id,
      session_id: "session-id",
      model: MODEL,
      stream: true,
      messages: [{ role: "user", content }],
      background_tasks: { title_generation: true, tags_generation: false, follow_up_generation: false },
    });

  test("the tutorial's steps by curl grow in an open tab, and stand there after a reload", async () => {
    const content = "[[tokens=60]] How long?";
    const chatId = await placeQuestion(content);
    const page = await stage.openTab(`/c/${chatId}`);
    await page.getByText("How long?").waitFor();
    const asked = trigger(chatId, content);
    const lengths: number[] = [];
    await eventually("the whole answer", async () => {
      const text = await textOf(page);
      if (text.length > (lengths.at(-1) ?? 0)) lengths.push(text.length);
      return text.endsWith("tok59");
    });
    expect(lengths.length).toBeGreaterThan(4);
    await asked;
    const whole = await textOf(page);
    await eventually("its title", async () => (await page.title()).includes("Capital of France"));
    await page.reload();
    await eventually("the same text", async () => (await textOf(page)) === whole);
    expect(stage.troubles.splice(0)).toEqual([]);
  });

  test("what was answered before a page heard its first event stands in it", async () => {
    const chatId = await placeQuestion("Say something short.");
    const page = await stage.openTab(`/c/${chatId}`);
    // The page's clock is ahead: to it nothing is recent.
    await page.addInitScript(() => {
      const now = Date.now;
      Date.now = () => now() + 3_600_000;
    });
    const held = Promise.withResolvers<void>();
    await page.routeWebSocket(/socket\.io/, async (socket) => {
      await held.promise;
      socket.connectToServer();
    });
    await page.reload();
    await page.getByText("Say something short.").first().waitFor();
    // Times are whole seconds.
    await eventually("the second is over", async () => Date.now() % 1_000 < 100);
    await trigger(chatId, "Say something short.");
    expect(await textOf(page)).toBe("");
    held.resolve();
    await eventually("the answer is there", async () => (await textOf(page)) !== "");
  });

  test("two tabs show the same, and each what the other asks", async () => {
    const chatId = await placeQuestion("Both of you?");
    await trigger(chatId, "Both of you?");
    const [one, other] = [await stage.openTab(`/c/${chatId}`), await stage.openTab(`/c/${chatId}`)];
    await other.getByText("Both of you?").first().waitFor();
    await composer(one).waitFor();
    await ask(one, "[[tokens=30]] And now?");
    await eventually("the answer in both tabs", async () => {
      const texts = await Promise.all([textOf(one), textOf(other)]);
      return texts.every((text) => text.endsWith("tok29"));
    });
    await other.getByText("And now?").waitFor();
    expect(stage.troubles.splice(0)).toEqual([]);
  });

  test("a chat that a backend makes comes into the list of an open page", async () => {
    const page = await stage.openTab();
    await composer(page).waitFor();
    await post("/api/v1/chats/new", { chat: { title: "Made behind the stage", models: [MODEL] } });
    await page.getByRole("link", { name: "Made behind the stage" }).waitFor();
    expect(stage.troubles.splice(0)).toEqual([]);
  });

  test("what is being answered is marked in the list", async () => {
    const page = await stage.openTab();
    const chatId = await placeQuestion("[[tokens=150]] Mark me");
    const asked = trigger(chatId, "[[tokens=150]] Mark me");
    await page.getByRole("img", { name: "answering now" }).waitFor();
    await asked;
    await page.getByRole("img", { name: "answering now" }).waitFor({ state: "detached" });
    expect(stage.troubles.splice(0)).toEqual([]);
  });

  test("a stop keeps what has come", async () => {
    const page = await stage.openTab();
    await ask(page, "[[tokens=400]] Go on");
    await eventually("some text", async () => (await textOf(page)).includes("tok5"));
    await page.getByRole("button", { name: "Stop" }).click();
    await page.getByRole("button", { name: "Ask", exact: true }).waitFor();
    const { chat } = (await stage.owner.get(`/api/v1/chats/${page.url().split("/c/")[1]}`)).body;
    const kept = chat.history.messages[chat.currentId].content.trim();
    expect(kept).toContain("tok5");
    expect(kept).not.toContain("tok399");
    await eventually("what was kept", async () => (await textOf(page)) === kept);
    await page.reload();
    await eventually("the same text", async () => (await textOf(page)) === kept);
  });

  test("a failed answer says why and can be asked for again", async () => {
    const page = await stage.openTab();
    await ask(page, "[[status=500]] Fail");
    const alert = page.getByRole("alert").filter({ hasText: "500" });
    await alert.waitFor();
    await page.reload();
    await alert.waitFor();
    const asked = stage.provider.requests.length;
    await page.getByRole("button", { name: "Try again" }).click();
    await eventually("the provider is asked again", () => stage.provider.requests.length > asked);
    await alert.waitFor();
    stage.troubles.splice(0);
  });
});
