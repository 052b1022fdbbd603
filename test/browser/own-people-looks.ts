import { equal, match, notEqual } from "node:assert/strict";
import type { Page } from "playwright-core";
import { OTHER_MODEL } from "../real/stage.ts";
import { eventually } from "../support/eventually.ts";
import { expectSound, type Look } from "./look.ts";
import { asGuest, GUEST_PASSWORD, get, listedModels, openSettings, post } from "./own-server.ts";

/** Of a row in the account's settings; older pages have no words for it but the row's own. */
const shows = (page: Page) => page.locator("button").filter({ hasText: /^\s*Show\s*$/ });

/** What administrators do about people, models and providers, and people about their own accounts. */
export const OWN_PEOPLE_LOOKS: Readonly<Record<string, Look>> = {
  async "an administrator takes a provider's model from the list, and gives it back"(stage) {
    const tab = await stage.openTab("/");
    const { page } = tab;
    await page.goto(`${stage.baseUrl}/admin/settings/models`);
    const toggle = page.locator(
      `xpath=//button[.//text()[normalize-space()="${OTHER_MODEL}"]]/following::button[@role="switch"][1]`,
    );
    await toggle.click();
    await eventually(
      "the model off the list",
      async () => !(await listedModels(stage)).includes(OTHER_MODEL),
    );
    await tab.picture("13-disabled");
    await tab.rest();
    await toggle.click();
    await eventually("the model back", async () => (await listedModels(stage)).includes(OTHER_MODEL));
    await tab.rest();
    await post(stage, `/api/v1/models/model/delete?id=${OTHER_MODEL}`, { id: OTHER_MODEL });
    await expectSound(stage, tab);
  },

  async "a group is made, and a user in it is renamed"(stage) {
    const tab = await stage.openTab("/");
    const { page } = tab;
    await asGuest(stage, async ({ name }) => {
      await page.goto(`${stage.baseUrl}/admin/users/groups`);
      await page
        .getByRole("button", { name: /^(Create|New) Group$/ })
        .first()
        .click();
      await page.getByPlaceholder("Group Name").fill("Crew");
      await page
        .getByRole("button", { name: /^(Create|Save)$/ })
        .last()
        .click();
      const group = await eventually("the group", async () =>
        (await get<{ id: string; name: string }[]>(stage, "/api/v1/groups/")).find(
          (row) => row.name === "Crew",
        ),
      );
      await page.getByText("Crew", { exact: true }).first().waitFor();
      await tab.picture("15-groups");
      const { users } = await get<{ users: { id: string; name: string }[] }>(stage, "/api/v1/users/all");
      const userId = users.find((user) => user.name === name)?.id;
      await post(stage, `/api/v1/groups/id/${group.id}/users/add`, { user_ids: [userId] });
      await page.goto(`${stage.baseUrl}/admin/users/overview`);
      const row = page.getByRole("row").filter({ hasText: name }).first();
      await row.waitFor();
      const newer = row.getByRole("button", { name: "Edit User" });
      await ((await newer.count()) > 0 ? newer : row.locator("td").last().locator("button").first()).click();
      const field = page.getByPlaceholder("Enter Your Name").last();
      await eventually("the name", async () => (await field.inputValue()) === name);
      await tab.rest();
      await tab.picture("15-user");
      await field.fill(`${name} renamed`);
      await page.getByRole("button", { name: "Save", exact: true }).last().click();
      await page.getByText(`${name} renamed`).first().waitFor();
      await page.goto(`${stage.baseUrl}/admin/users/groups`);
      await page.getByText("Crew", { exact: true }).first().waitFor();
    });
    await expectSound(stage, tab);
  },

  async "a connection is added, tried and kept"(stage) {
    const tab = await stage.openTab("/");
    const { page } = tab;
    const before = await get<Record<string, unknown>>(stage, "/openai/config");
    await page.goto(`${stage.baseUrl}/admin/settings/connections`);
    const newer = page.getByRole("button", { name: "Add Connection" });
    const older = page.locator(
      "xpath=//*[normalize-space(text())='Manage OpenAI API Connections']/following::button[1]",
    );
    await newer.or(older).first().click();
    await page.locator("#url-input").fill(stage.provider.url);
    await page.getByPlaceholder("API Key").last().fill("another-key");
    await page.getByRole("button", { name: "Verify Connection" }).click();
    await page.getByText("Server connection verified").first().waitFor();
    await page.getByRole("button", { name: "Save", exact: true }).last().click();
    await eventually("the connection", async () => {
      const { OPENAI_API_BASE_URLS: urls } = await get<{ OPENAI_API_BASE_URLS: string[] }>(
        stage,
        "/openai/config",
      );
      return urls.length === 2;
    });
    await tab.rest();
    await tab.picture("15-connections");
    await post(stage, "/openai/config/update", before);
    await expectSound(stage, tab);
  },

  async "an API key is shown once, and a password is changed"(stage) {
    await asGuest(stage, async ({ page, troubles, token, name }) => {
      await openSettings(page, /^Account$/, name);
      await shows(page).last().click();
      await page.getByText("Create new secret key").click();
      const key = await eventually("the key", async () => {
        const values = await page
          .locator("input")
          .evaluateAll((inputs) => inputs.map((input) => (input as unknown as { value: string }).value));
        return values.find((value) => value.startsWith("sk-"));
      });
      const headers = { authorization: `Bearer ${key}` };
      equal((await fetch(`${stage.baseUrl}/api/models`, { headers })).status, 200);
      await page.reload();
      await page.locator("#chat-input").waitFor();
      await openSettings(page, /^Account$/, name);
      await shows(page).last().click();
      await page.getByText("Create new secret key").waitFor();
      equal(await page.locator(`input[value="${key}"]`).count(), 0);
      await shows(page).first().click();
      await page.getByPlaceholder("Enter your current password").fill(GUEST_PASSWORD);
      await page.getByPlaceholder("Enter your new password").fill("another long password");
      await page.getByPlaceholder("Confirm your new password").fill("another long password");
      await page.getByRole("button", { name: "Update password" }).click();
      // Newer pages ask for the new password at once.
      const signIn = page.getByPlaceholder("Enter Your Email");
      await page.getByText("Successfully updated.").or(signIn).first().waitFor();
      const email = `${name}@example.org`;
      const signedIn = await post(stage, "/api/v1/auths/signin", {
        email,
        password: "another long password",
      });
      match(signedIn, /"token"/);
      notEqual(
        (await fetch(`${stage.baseUrl}/api/models`, { headers: { authorization: `Bearer ${token}` } }))
          .status,
        200,
      );
      equal(troubles.join("\n"), "");
    });
  },

  async "who is there is counted for the user's menu"(stage) {
    const tab = await stage.openTab("/");
    const { page } = tab;
    await tab.rest();
    await page.locator("#sidebar").getByRole("button", { name: "owner" }).last().click();
    await page.getByText("Sign Out").last().waitFor();
    stage.note(/Active Users:?\s*\d+/.exec(await tab.everything())?.[0] ?? "not shown by this version");
    const { user_count: count } = await get<{ user_count: number }>(stage, "/api/usage");
    equal(count, 1);
    await tab.picture("15-menu");
    await expectSound(stage, tab);
  },

  async "the app speaks another language from then on"(stage) {
    await asGuest(stage, async ({ page, troubles, name }) => {
      await openSettings(page, /^General$/, name);
      await page
        .locator("select")
        .filter({ hasText: "Deutsch" })
        .first()
        .selectOption({ label: await german(page) });
      await page.getByText("Sprache").first().waitFor();
      await page.reload();
      await page.locator("#chat-input").waitFor();
      await page.getByText("Neuer Chat").first().waitFor();
      equal(troubles.join("\n"), "");
    });
  },

  async "a page of the web is refused in words"(stage) {
    const tab = await stage.openTab("/");
    const { page } = tab;
    await tab.rest();
    const menu = page.locator("#input-menu-button");
    if ((await menu.count()) === 0) {
      stage.note("this version offers it only where it is permitted");
      return;
    }
    await menu.click();
    await page.getByRole("menuitem", { name: "Attach Webpage" }).click();
    await page.locator("#webpage-url").fill("https://example.org/page");
    await page.getByRole("button", { name: "Add", exact: true }).click();
    await page.getByText("This server fetches no pages of the web").first().waitFor();
    equal(tab.troubles.filter((trouble) => trouble.startsWith("exception")).join("\n"), "");
  },
};

async function german(page: Page): Promise<string> {
  const labels = await page.locator("select option").allInnerTexts();
  return labels.find((label) => label.includes("Deutsch")) ?? "Deutsch";
}
