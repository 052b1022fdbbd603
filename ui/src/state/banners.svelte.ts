import { request } from "../api/request.ts";

export interface Banner {
  id: string;
  type: string;
  title?: string | null;
  content: string;
  dismissible: boolean;
  timestamp: number;
}

const DISMISSED = "offstage.banners";

/** Lines of the administrators, above everybody's pages. What was dismissed stays so in this browser. */
class Banners {
  list = $state.raw<Banner[]>([]);
  #dismissed = $state.raw<string[]>((localStorage.getItem(DISMISSED) ?? "").split(" "));

  readonly shown = $derived(this.list.filter(({ id }) => !this.#dismissed.includes(id)));

  async load(): Promise<void> {
    this.list = await request<Banner[]>("GET", "/api/v1/configs/banners");
  }

  dismiss(id: string): void {
    const known = new Set(this.list.map((banner) => banner.id));
    this.#dismissed = [...this.#dismissed.filter((other) => known.has(other)), id];
    localStorage.setItem(DISMISSED, this.#dismissed.join(" "));
  }
}

export const banners = new Banners();
