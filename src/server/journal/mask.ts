import { LRUCache } from "lru-cache";

/** What stands where a secret stood. */
const HIDDEN = "…";

/** Headers whose values are secrets, whatever they are. Plural `tokens` are counts. */
const SECRET_HEADER = /(^|[-_])(authorization|cookie|key|token|secret|password|signature|credential)$/i;

/** Query values that are never secret. */
const PLAIN_QUERY = /version/i;

/** Shorter ones than this are no secrets, and would turn up everywhere. */
const LEAST_SECRET_CHARS = 4;

/** Hides secrets in texts: as they are, and as they stand in JSON, in JSON within JSON, and in URLs. */
export interface Mask {
  hide(text: string): string;
  /** Characters of the longest form of a secret. */
  readonly longest: number;
}

const inJson = (text: string) => JSON.stringify(text).slice(1, -1);

export function createMask(secrets: Iterable<string>): Mask {
  const forms = new Set<string>();
  for (const secret of secrets) {
    if (secret.length < LEAST_SECRET_CHARS) continue;
    const once = inJson(secret);
    for (const form of [secret, once, inJson(once), encodeURIComponent(secret.toWellFormed())])
      forms.add(form);
  }
  if (forms.size === 0) return { hide: (text) => text, longest: 0 };
  const longestFirst = [...forms].sort((a, b) => b.length - a.length);
  const pattern = new RegExp(longestFirst.map(escapePattern).join("|"), "g");
  return { hide: (text) => text.replace(pattern, HIDDEN), longest: longestFirst[0]!.length };
}

/** Masks that are kept; the secrets of a server's providers hardly ever change. */
const MAX_MASKS = 100;

/** Makes masks and keeps them: making one costs more than using it. */
export function createMasks(): (secrets: ReadonlySet<string>) => Mask {
  const masks = new LRUCache<string, Mask>({ max: MAX_MASKS });
  return (secrets) => {
    const name = JSON.stringify([...secrets]);
    const known = masks.get(name);
    if (known) return known;
    const mask = createMask(secrets);
    masks.set(name, mask);
    return mask;
  };
}

const escapePattern = (text: string) => text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");

/** A value with the secrets hidden in all its texts; names of fields stay. */
export function hideIn(value: unknown, mask: Mask): unknown {
  if (typeof value === "string") return mask.hide(value);
  if (Array.isArray(value)) return value.map((item) => hideIn(item, mask));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, hideIn(item, mask)]));
}

const shownUrls = new LRUCache<string, string>({ max: 100 });

/** A URL without user, password and the values of its query. Few are asked of again and again. */
export function hideInUrl(text: string): string {
  const shown = shownUrls.get(text) ?? showUrl(text);
  shownUrls.set(text, shown);
  return shown;
}

function showUrl(text: string): string {
  const url = URL.parse(text);
  if (!url) return HIDDEN;
  const query = [...url.searchParams].map(
    ([name, value]) =>
      `${encodeURIComponent(name)}=${PLAIN_QUERY.test(name) ? encodeURIComponent(value) : HIDDEN}`,
  );
  return `${url.origin}${url.pathname}${query.length > 0 ? `?${query.join("&")}` : ""}`;
}

/** Headers as they are kept: those that are secrets, or have one for their value, hidden; several of one name joined. */
export function hideInHeaders(
  headers: Readonly<Record<string, string | string[] | undefined>>,
  secrets: readonly string[] = [],
): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined) continue;
    kept[name] = SECRET_HEADER.test(name) || secrets.includes(String(value)) ? HIDDEN : String(value);
  }
  return kept;
}

/**
 * A text of at most about `limit` characters: of a longer one its head and its tail, with the number of characters
 * between them. Secrets are hidden before it is cut, so that no half of one is left.
 */
export function clip(text: string, limit: number, mask: Mask): string {
  if (text.length <= limit) return text;
  const tailChars = Math.floor(limit / 4);
  const headChars = limit - tailChars;
  const slack = mask.longest;
  const headText = mask.hide(text.slice(0, headChars + slack));
  const tailText = mask.hide(text.slice(text.length - tailChars - slack));
  const head = headText.slice(0, Math.max(0, Math.min(headChars, headText.length - slack)));
  const tail = tailText.slice(Math.max(tailText.length - tailChars, slack));
  return `${head} … ${text.length - headChars - tailChars} characters … ${tail}`;
}
