import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startServer } from "../../src/server/index.ts";
import { chatOf, newChat, placeholder, userMessage } from "../support/chat.ts";
import { eventually } from "../support/eventually.ts";
import { PASSWORD } from "../support/server.ts";
import { axeFindings } from "./axe-findings.ts";
import { ask, composer, lastAnswer, missingBrowser, openUiStage, type UiStage } from "./ui-stage.ts";

const missing = missingBrowser();

describe.skipIf(missing !== null)("the web UI in trouble", () => {
  let stage: UiStage;

  beforeAll(async () => {
    stage = await openUiStage({ provider: { delayMs: 20 } });
  });
  afterAll(() => stage?.close());

  const HOSTILE: [string, string][] = [
    [
      "scripts",
      "<script>window.hacked = 1</script><img src=x onerror='window.hacked = 1'><svg onload='window.hacked=1'>",
    ],
    [
      "links that run",
      "[click](javascript:window.hacked=1) <a href='javascript:window.hacked=1'>or here</a> [d](data:text/html,<script>1</script>)",
    ],
    [
      "frames and forms",
      "<iframe src='https://example.com'></iframe><form action='https://example.com'><input name=a><button>go</button></form><style>body{display:none}</style>",
    ],
    [
      "pictures from elsewhere",
      "![track](https://example.com/pixel.png) <img src='https://example.com/pixel.png'>",
    ],
    ["a huge table", `| a | b |\n| --- | --- |\n${"| 1 | 2 |\n".repeat(3_000)}`],
    ["broken markdown", `**[[[((\`\`\` ${"| ".repeat(500)}\n> - > - > 1. \`\`\`\n<details><summary>`],
    ["deep nesting", "> ".repeat(4_000)],
    ["a megabyte", "word ".repeat(200_000)],
    ["a megabyte without a space", "x".repeat(1_000_000)],
  ];

  test.each(HOSTILE)("an answer with %s harms nothing", async (name, content) => {
    const chat = chatOf([
      userMessage("u", `Show ${name}`, { childrenIds: ["a"] }),
      placeholder("a", "u", { content, done: true }),
    ]);
    const { id } = await newChat(stage.owner, chat);
    const calls: string[] = [];
    const page = await stage.openTab();
    page.on("request", (request) => calls.push(request.url()));
    await page.goto(`${stage.url}/c/${id}`);
    await page.getByText(`Show ${name}`).waitFor();
    await eventually("the answer", async () => ((await lastAnswer(page).textContent()) ?? "").length > 0);
    for (const link of await page.locator(".prose a").all())
      expect((await link.getAttribute("href")) ?? "").not.toMatch(/^(javascript|data):/i);
    expect(await page.locator(".prose :is(script, iframe, form, style, img, svg, button)").count()).toBe(0);
    expect(await page.evaluate(() => "hacked" in window)).toBe(false);
    expect(calls.filter((url) => !url.startsWith(stage.url))).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
    await composer(page).fill("Still there?");
    await page.context().close();
    expect(stage.troubles.splice(0)).toEqual([]);
  });

  test("an ended session leads to sign-in, and back to where one was with the draft kept", async () => {
    await stage.addUser("ann");
    const window = await stage.openWindow({ email: "ann@example.org" });
    const page = await window.newPage();
    await page.goto(stage.url);
    await ask(page, "First");
    await page.getByRole("button", { name: "How many people live there?" }).waitFor();
    const url = page.url();
    await composer(page).fill("A draft that must not be lost");
    await window.request.post(`${stage.url}/api/v1/auths/signout`);
    await page.getByRole("button", { name: "Answer again" }).click();
    await page.getByText("Your session has ended").waitFor();
    await page.getByLabel("E-mail").fill("ann@example.org");
    await page.getByLabel("Password").fill(PASSWORD);
    await page.getByRole("button", { name: "Sign in" }).click();
    await composer(page).waitFor();
    expect(page.url()).toBe(url);
    expect(await composer(page).inputValue()).toBe("A draft that must not be lost");
    stage.troubles.splice(0);
  });

  test("whoever had a session of a server that begins anew is led to its set-up", async () => {
    const window = await stage.openWindow({ email: null });
    await window.addInitScript(() => localStorage.setItem("offstage.signed-in", "1"));
    const page = await window.newPage();
    await page.route("**/api/config", async (route) => {
      const config = await (await route.fetch()).json();
      await route.fulfill({ json: { ...config, onboarding: true } });
    });
    await page.goto(`${stage.url}/c/gone`);
    await page.getByRole("heading", { name: "Open the house" }).waitFor();
    await window.close();
    stage.troubles.splice(0);
  });

  test("a chat that is not there says so, and ends nobody's session", async () => {
    const page = await stage.openTab("/c/nowhere");
    await page.getByRole("alert").filter({ hasText: "does not exist, was deleted" }).waitFor();
    await page.getByRole("link", { name: "New chat", exact: true }).click();
    await composer(page).waitFor();
    stage.troubles.splice(0);
  });

  test("without a network it says so, and heals", async () => {
    const page = await stage.openTab();
    await composer(page).waitFor();
    await page.context().setOffline(true);
    await page.getByText("This device is offline.").waitFor();
    await ask(page, "Is anybody there?");
    await page.getByText("The server cannot be reached").first().waitFor();
    expect(await composer(page).inputValue()).toBe("Is anybody there?");
    await page.context().setOffline(false);
    await page.getByText("This device is offline.").waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Try again" }).first().click();
    await lastAnswer(page).filter({ hasText: "Is anybody there?" }).waitFor();
    stage.troubles.splice(0);
  });

  test("a server that restarts in the middle of an answer: the page comes back with all that was kept", async () => {
    const { dataDir, provider } = stage;
    const again = {
      dataDir: `${dataDir}-restart`,
      host: "127.0.0.1",
      local: false,
      ui: true,
      log: "silent" as const,
    };
    const openai = [{ baseUrl: provider.url, apiKey: "k" }];
    let server = await startServer({ ...again, openai, port: 0, embedder: { kind: "none" } });
    const { port } = server;
    const window = await stage.openWindow({ email: null });
    const page = await window.newPage();
    await page.goto(server.url);
    await page.getByLabel("Name").fill("Ann");
    await page.getByLabel("E-mail").fill("ann@example.org");
    await page.getByLabel("Password").fill(PASSWORD);
    await page.getByRole("button", { name: "Make the first account" }).click();
    await page.getByRole("button", { name: "Ask something" }).click();
    await ask(page, "[[tokens=2000]] Long");
    await eventually("some text", async () =>
      ((await lastAnswer(page).textContent()) ?? "").includes("tok20"),
    );
    await server.close();
    await page.getByText("Connection lost").waitFor();
    server = await startServer({ ...again, openai, port, embedder: { kind: "none" } });
    await page.getByText("Connection lost").waitFor({ state: "detached" });
    await page.getByRole("alert").filter({ hasText: "Interrupted" }).waitFor();
    const shown = (await lastAnswer(page).textContent()) ?? "";
    expect(shown).toContain("tok20");
    await page.reload();
    await eventually("the same text", async () => (await lastAnswer(page).textContent()) === shown);
    await window.close();
    await server.close();
    stage.troubles.splice(0);
  });

  test("axe finds nothing on the main pages, light and dark", async () => {
    const chat = chatOf([
      userMessage("u", "A question", { childrenIds: ["a"] }),
      placeholder("a", "u", {
        content:
          "# Title\n\nText with `code`, [a link](https://example.com) and a source [1].\n\n| a | b |\n| - | - |\n| 1 | 2 |\n\n```ts\nconst a = 1;\n```\n\n- [x] done\n- [ ] open",
        done: true,
        sources: [
          { source: { name: "s.txt" }, document: ["A passage"], metadata: [{ name: "s.txt", page: 2 }] },
        ],
        followUps: ["And then?"],
      }),
    ]);
    const { id } = await newChat(stage.owner, chat);
    for (const colorScheme of ["light", "dark"] as const) {
      const page = await stage.openTab("/", { colorScheme });
      await composer(page).waitFor();
      expect(await axeFindings(page), "new chat").toEqual([]);
      await page.goto(`${stage.url}/c/${id}`);
      await page.locator(".code").waitFor();
      expect(await axeFindings(page), "chat").toEqual([]);
      expect(await page.locator(".prose .task").count()).toBe(2);
      await page.locator('[data-cite="1"]').click();
      await page.getByRole("dialog").getByText("A passage").waitFor();
      expect(await axeFindings(page), "source").toEqual([]);
      await page.context().close();
      const stranger = await stage.openWindow({ email: null, colorScheme });
      const signIn = await stranger.newPage();
      await signIn.goto(stage.url);
      await signIn.getByLabel("E-mail").waitFor();
      expect(await axeFindings(signIn), "sign-in").toEqual([]);
      await stranger.close();
    }
    expect(stage.troubles.splice(0)).toEqual([]);
  });

  test("by the keyboard alone one signs in, asks, goes through chats and comes back", async () => {
    const window = await stage.openWindow({ email: null });
    const page = await window.newPage();
    await page.goto(stage.url);
    await page.getByLabel("E-mail").waitFor();
    await page.keyboard.press("Tab");
    await page.keyboard.type("owner@example.org");
    await page.keyboard.press("Tab");
    await page.keyboard.type(PASSWORD);
    await page.keyboard.press("Enter");
    await composer(page).waitFor();
    await eventually("the field has the focus", () =>
      page.evaluate(() => document.activeElement?.tagName === "TEXTAREA"),
    );
    await page.keyboard.type("By keys");
    await eventually("the question can be put", () =>
      page.getByRole("button", { name: "Ask", exact: true }).isEnabled(),
    );
    await page.keyboard.press("Enter");
    await lastAnswer(page).filter({ hasText: "You said: By keys" }).waitFor();
    await page.keyboard.press("Control+k");
    await page.keyboard.type("By keys");
    await page.locator(".results a").first().waitFor();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await page.keyboard.press("Control+Shift+O");
    await eventually("a new chat", () => page.url() === `${stage.url}/`);
    await window.close();
    expect(stage.troubles.splice(0)).toEqual([]);
  });
});
