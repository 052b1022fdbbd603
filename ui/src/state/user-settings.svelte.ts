import { request } from "../api/request.ts";

type Settings = Record<string, unknown> & { ui?: Record<string, unknown> };

/** What a user has set for every browser of theirs, under the names that Open WebUI's pages use, too. */
class UserSettings {
  #settings = $state.raw<Settings>({});

  /** Whether questions take the user's memories along. */
  readonly usesMemories = $derived(this.#settings.ui?.memory === true);

  async load(): Promise<void> {
    this.#settings = (await request<Settings | null>("GET", "/api/v1/users/user/settings")) ?? {};
  }

  /** Changes what pages keep, and leaves alone what other pages keep there. @throws RequestFailed */
  async change(fields: Record<string, unknown>): Promise<void> {
    await this.load();
    const ui = { ...this.#settings.ui, ...fields };
    this.#settings = await request<Settings>("POST", "/api/v1/users/user/settings/update", { body: { ui } });
  }
}

export const userSettings = new UserSettings();
