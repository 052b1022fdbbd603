import { request } from "../api/request.ts";
import type { ModelRow } from "../api/shapes.ts";

const CHOSEN = "offstage.models";

/** The models that the user may ask, and those that a new chat asks. */
class Models {
  list = $state<ModelRow[]>([]);
  isLoaded = $state(false);
  /** Kept in this browser for the next new chat. */
  chosen = $state<string[]>(readChosen());

  readonly byId = $derived(new Map(this.list.map((model) => [model.id, model])));
  readonly offered = $derived(this.list.filter((model) => !model.info?.meta?.hidden));

  async load(): Promise<void> {
    const { data } = await request<{ data: ModelRow[] }>("GET", "/api/models");
    this.list = data;
    this.isLoaded = true;
    const known = this.chosen.filter((id) => this.byId.has(id));
    if (known.length > 0) this.chosen = known;
    else this.chosen = this.offered.slice(0, 1).map(({ id }) => id);
  }

  choose(ids: string[]): void {
    this.chosen = ids;
    localStorage.setItem(CHOSEN, JSON.stringify(ids));
  }

  nameOf(id: string): string {
    return this.byId.get(id)?.name ?? id;
  }
}

function readChosen(): string[] {
  try {
    const ids: unknown = JSON.parse(localStorage.getItem(CHOSEN) ?? "[]");
    return Array.isArray(ids) ? ids.filter((id) => typeof id === "string") : [];
  } catch {
    return [];
  }
}

export const models = new Models();
