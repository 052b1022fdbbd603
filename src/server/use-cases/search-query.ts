/** What a person types into a search: words, and among them filters, as web UIs offer them. */
export interface SearchQuery {
  /** The words without the filters; may be empty. */
  text: string;
  /** Names of tags, all of which a chat has to have; `none` alone stands for no tag at all. */
  tags: string[];
  /** Names of folders, one of which a chat has to be in. */
  folders: string[];
  /** Undefined where it does not matter. */
  pinned?: boolean;
  archived?: boolean;
  shared?: boolean;
}

const FILTER = /(?<=^|\s)(tag|folder|pinned|archived|shared):(\S*)/gi;

/** Takes the filters out of a search. An underscore in a name stands for a blank; an unknown value filters nothing. */
export function parseSearch(search: string): SearchQuery {
  const query: SearchQuery = { text: "", tags: [], folders: [] };
  const rest = search.replace(FILTER, (_filter, key: string, value: string) => {
    const name = key.toLowerCase();
    if (name === "tag" || name === "folder") {
      if (value !== "") query[`${name}s`].push(comparable(value));
    } else if (/^(true|false)$/i.test(value)) {
      query[name as "pinned" | "archived" | "shared"] = value.toLowerCase() === "true";
    }
    return "";
  });
  query.text = rest.replaceAll(/\s+/g, " ").trim();
  // What is typed without a filter is looked for as it stands, blanks and all.
  return rest === search ? { ...query, text: search } : query;
}

/** A name as filters spell it. */
export const comparable = (name: string) => name.toLowerCase().replaceAll(" ", "_");
