import { eventually } from "../support/eventually.ts";
import { expectSound, type Look } from "./look.ts";
import { get } from "./own-server.ts";

const TEXT = "The port of Lund opens at six.";

/** What people do with collections of their own. */
export const PAGE_KNOWLEDGE_LOOKS: Readonly<Record<string, Look>> = {
  async "a collection is made, a file is uploaded into it, and read there"(stage) {
    const tab = await stage.openTab("/");
    const { page } = tab;
    await page.goto(`${stage.baseUrl}/workspace/knowledge/create`);
    await page.getByPlaceholder("Name your knowledge base").fill("Ports");
    await page.getByPlaceholder(/^Describe your knowledge base/).fill("of the north");
    await page
      .getByRole("button", { name: /^Create/ })
      .last()
      .click();
    await page.waitForURL(/\/workspace\/knowledge\/[\w-]{20,}/);
    const id = page.url().split("/").at(-1) ?? "";
    const upload = page.locator('input[type="file"]').first();
    await upload.waitFor({ state: "attached" });
    await tab.rest();
    await upload.setInputFiles({ name: "port.txt", mimeType: "text/plain", buffer: Buffer.from(TEXT) });
    await page.getByText("port.txt").first().waitFor();
    const path = `/api/v1/knowledge/${id}`;
    await eventually("the file in the collection", async () => {
      const { files } = await get<{ files?: unknown[] | null }>(stage, path);
      // Newer servers list them by pages alone.
      return (files ?? (await get<{ items: unknown[] }>(stage, `${path}/files`)).items).length === 1;
    });
    await tab.rest();
    // A list that is read again under the mouse opens nothing.
    await eventually("the file's text", async () => {
      await page.getByText("port.txt").first().click();
      await page.waitForTimeout(1_000);
      return page.getByText(TEXT).first().isVisible();
    });
    await tab.picture("14-collection");
    await expectSound(stage, tab);
  },
};
