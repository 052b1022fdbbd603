import type { Page } from "playwright-core";
import type { UiStage } from "./ui-stage.ts";

export const field = (page: Page, name: string) => page.getByLabel(name, { exact: true });
export const shown = (page: Page, text: string) => page.getByRole("main").getByText(text, { exact: true });

/** Answers the question that stands before something that cannot be taken back. */
export const agree = (page: Page, action: string) =>
  page.getByRole("dialog").getByRole("button", { name: action, exact: true }).click();

/** A page of the owner's settings, in a window of its own. */
export async function openSettings(stage: UiStage, page: string): Promise<Page> {
  const tab = await stage.openTab(`/settings/${page}`);
  tab.setDefaultTimeout(30_000);
  await tab.getByRole("navigation", { name: "Settings" }).waitFor({ state: "attached" });
  return tab;
}
