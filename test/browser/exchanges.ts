import type { BrowserContext, Response } from "playwright-core";

/** What is known of the JSON at one place: the types that were seen there. Places read `chat.history.messages.<id>.done`. */
export type Shape = Map<string, Set<string>>;

/** All exchanges of one kind that pages had with their server: what was asked, and what came. */
export interface ExchangeKind {
  statuses: Set<number>;
  answered: Shape;
  posted: Shape;
}

/** Names that differ from run to run. */
const VARYING =
  /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|(?<=\/folder\/|\/s\/|\/tags\/)[^/?]+|\b\d{10,}\b/g;
const named = (text: string) => text.replaceAll(VARYING, "<id>");
const SITE_FILE = /^\/(?:_app|static|assets|audio|wasm|pyodide)\//;

/** Collects what the pages of a browser exchange with their server's API, by method, path and the names in the query. */
export class ExchangeLog {
  readonly kinds = new Map<string, ExchangeKind>();
  readonly #reading = new Set<Promise<void>>();

  constructor(context: BrowserContext, baseUrl: string) {
    context.on("response", (response) => {
      const url = new URL(response.url());
      if (url.origin !== new URL(baseUrl).origin || SITE_FILE.test(url.pathname)) return;
      if (response.request().isNavigationRequest()) return;
      const reading = this.#read(url, response).finally(() => this.#reading.delete(reading));
      this.#reading.add(reading);
    });
  }

  /** Resolves when everything that came is read. */
  async settle(): Promise<void> {
    await Promise.all(this.#reading);
  }

  async #read(url: URL, response: Response): Promise<void> {
    const request = response.request();
    const query = [...new Set(url.searchParams.keys())].toSorted().join("&");
    const name = `${request.method()} ${named(url.pathname)}${query && `?${query}`}`;
    const kind = this.kinds.get(name) ?? { statuses: new Set(), answered: new Map(), posted: new Map() };
    this.kinds.set(name, kind);
    kind.statuses.add(response.status());
    addJson(kind.posted, request.postData());
    // The body of what a closed tab had asked for is gone.
    addJson(kind.answered, await response.text().catch(() => null));
  }
}

function addJson(shape: Shape, text: string | null): void {
  if (text === null) return;
  try {
    addValue(shape, "", JSON.parse(text));
  } catch {
    addType(shape, "", "text");
  }
}

function addValue(shape: Shape, place: string, value: unknown): void {
  addType(shape, place, typeOf(value));
  if (Array.isArray(value)) for (const item of value) addValue(shape, `${place}[]`, item);
  else if (typeof value === "object" && value !== null) {
    for (const [key, item] of Object.entries(value)) addValue(shape, `${place}.${named(key)}`, item);
  }
}

function addType(shape: Shape, place: string, type: string): void {
  const types = shape.get(place) ?? new Set();
  shape.set(place, types.add(type));
}

function typeOf(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "list" : typeof value;
}
