/** What the address bar says, and the only way to change it. */
class Route {
  path = $state(location.pathname);
  search = $state(location.search);

  /** Asked before another page is shown; false holds this one, and the asked one then leads on itself. */
  mayLeave: (to: string) => boolean = () => true;

  constructor() {
    addEventListener("popstate", () => {
      const to = location.pathname + location.search;
      if (this.mayLeave(to)) this.#read();
      else history.pushState(null, "", this.path + this.search);
    });
  }

  #read(): void {
    this.path = location.pathname;
    this.search = location.search;
  }

  go(to: string, options: { replace?: boolean } = {}): void {
    if (to === location.pathname + location.search || !this.mayLeave(to)) return;
    if (options.replace) history.replaceState(null, "", to);
    else history.pushState(null, "", to);
    this.#read();
  }

  /** The id of the chat that is shown; null for a new one. */
  get chatId(): string | null {
    return /^\/c\/([^/]+)$/.exec(this.path)?.[1] ?? null;
  }

  /** The id of what somebody shared, where that is shown. */
  get shareId(): string | null {
    return /^\/s\/([^/]+)$/.exec(this.path)?.[1] ?? null;
  }
}

export const route = new Route();

/** Lets plain clicks on links of these pages change the page without loading it anew. */
export function followLinks(event: MouseEvent): void {
  if (event.defaultPrevented || event.button !== 0) return;
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const link = (event.target as Element).closest?.("a");
  if (!link || link.origin !== location.origin || link.target || link.hasAttribute("download")) return;
  if (link.getAttribute("href")?.startsWith("#")) return;
  event.preventDefault();
  route.go(link.pathname + link.search);
}
