import type { WireFile } from "../api/shapes.ts";

/** What somebody was writing, kept in this browser until it is sent. */
export interface Draft {
  content: string;
  files: WireFile[];
}

const PREFIX = "offstage.draft.";
const NEW_CHAT = "new";
const EMPTY: Draft = { content: "", files: [] };

export function readDraft(chatId: string | null): Draft {
  try {
    const kept = localStorage.getItem(PREFIX + (chatId ?? NEW_CHAT));
    return kept === null ? EMPTY : { ...EMPTY, ...(JSON.parse(kept) as Partial<Draft>) };
  } catch {
    return EMPTY;
  }
}

export function keepDraft(chatId: string | null, draft: Draft): void {
  const key = PREFIX + (chatId ?? NEW_CHAT);
  if (draft.content === "" && draft.files.length === 0) localStorage.removeItem(key);
  else localStorage.setItem(key, JSON.stringify(draft));
}
