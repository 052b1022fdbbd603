import { equal } from "node:assert/strict";
import { expectedAnswer, MODEL, OTHER_MODEL, question } from "../real/stage.ts";
import { eventually } from "../support/eventually.ts";
import { expectSound, type Look } from "./look.ts";
import { ask } from "./own-server.ts";
import { watchTroubles } from "./troubles.ts";

/** Pages that this server has little for, or that nobody has: each has to show something, and none may break the app. */
const PLACES = [
  "/workspace",
  "/workspace/knowledge",
  "/notes",
  "/playground",
  "/home",
  "/nonsense",
  "/c/unknown",
];

/** Runs in the page: what the mouse carries there. */
const DROPPED = `(() => {
  const data = new DataTransfer();
  data.items.add(new File(["Dropped text about ferries."], "dropped.txt", { type: "text/plain" }));
  return data;
})()`;

/** What holds the app together: addresses, links, sessions and composer. */
export const PAGE_APP_LOOKS: Readonly<Record<string, Look>> = {
  async "an address of a chat leads through the sign-in and back"(stage) {
    const { chatId } = await stage.offstage.ask(question("deep")).answer();
    const context = await stage.context.browser()!.newContext();
    try {
      const page = await context.newPage();
      const troubles = watchTroubles(page, stage.baseUrl);
      await page.goto(`${stage.baseUrl}/c/${chatId}`);
      await page.getByPlaceholder("Enter Your Email").fill("owner@example.org");
      await page.getByPlaceholder("Enter Your Password").fill("correct horse battery");
      await page.getByRole("button", { name: "Sign in", exact: true }).click();
      await page.getByText(expectedAnswer("deep")).first().waitFor();
      equal(new URL(page.url()).pathname, `/c/${chatId}`);
      await page
        .getByRole("button", { name: /let's go/i })
        .first()
        .click({ timeout: 1_500 })
        .catch(() => {
          // Whoever was greeted is not greeted again.
        });
      await page
        .getByRole("button", { name: /user menu|owner/i })
        .last()
        .click();
      await page.getByText("Sign Out").last().click();
      await page.getByPlaceholder("Enter Your Email").waitFor();
      equal(troubles.join("\n"), "");
    } finally {
      await context.close();
    }
  },

  async "pages with nothing in them do not break the app"(stage) {
    const tab = await stage.openTab("/");
    for (const place of PLACES) {
      await tab.page.goto(stage.baseUrl + place);
      await eventually(`something at ${place}`, async () => /\w/.test(await tab.everything()));
      await tab.rest();
    }
    const exceptions = tab.troubles.filter((trouble) => trouble.startsWith("exception"));
    equal(exceptions.join("\n"), "");
  },

  async "a link asks a question of the model that it names"(stage) {
    const tab = await stage.openTab(`/?models=${OTHER_MODEL}&q=asked+by+a+link`);
    await tab.rest();
    // Newer versions leave it to the person to send it.
    if ((await tab.drafted()) === "asked by a link") {
      await tab.page.locator("#chat-input").click();
      await tab.page.keyboard.press("Enter");
    }
    await tab.seen(expectedAnswer("asked by a link", 1, OTHER_MODEL));
    await tab.expectIdle();
    await expectSound(stage, tab);
  },

  async "a file that cannot be read is refused in words"(stage) {
    const tab = await stage.openTab(`/?models=${MODEL}`);
    const files = tab.page.locator('input[type="file"]').first();
    await files.setInputFiles({ name: "empty.txt", mimeType: "text/plain", buffer: Buffer.alloc(0) });
    await tab.page.getByText("You cannot upload an empty file.").first().waitFor();
    await expectSound(stage, tab);
  },

  async "a dropped file is uploaded"(stage) {
    const tab = await stage.openTab(`/?models=${MODEL}`);
    const transfer = await tab.page.evaluateHandle(DROPPED);
    const target = tab.page.locator("#chat-input");
    for (const type of ["dragenter", "dragover", "drop"]) {
      await target.dispatchEvent(type, { dataTransfer: transfer });
    }
    await tab.page.getByText("dropped.txt").first().waitFor();
    await eventually("the file", async () =>
      JSON.stringify(await ask(stage, "files/")).includes("dropped.txt"),
    );
    await tab.picture("12-dropped");
    await expectSound(stage, tab);
  },
};
