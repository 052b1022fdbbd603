import type { Page } from "playwright-core";

const ID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;

/** Collects what goes wrong in a page, in a list that grows: the same trouble reads the same in every chat. */
export function watchTroubles(page: Page, baseUrl: string): readonly string[] {
  const troubles: string[] = [];
  const add = (text: string) => void troubles.push(text.replaceAll(baseUrl, "").replaceAll(ID, "<id>"));
  page.on("console", (message) => {
    if (message.type() === "error") add(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => add(`exception: ${error.message}`));
  page.on("requestfailed", (request) => {
    // A page that is left drops what it still asks for.
    if (request.failure()?.errorText !== "net::ERR_ABORTED")
      add(`failed: ${request.method()} ${request.url()}`);
  });
  page.on("response", (response) => {
    if (response.status() >= 400)
      add(`${response.status()}: ${response.request().method()} ${response.url()}`);
  });
  return troubles;
}
