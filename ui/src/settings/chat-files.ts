import { request, send } from "../api/request.ts";
import { settingsText as text } from "./text.ts";

interface ExportedChat {
  title?: string;
  chat: { title?: string };
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * The chats of a file, whether it holds a list, one chat, or `{chats: […]}`; a chat alone, without its record around it, counts,
 * too. @throws Error with a sentence where it holds none
 */
export function parseChatFile(content: string): ExportedChat[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(content);
  } catch {
    throw new Error(text.chats.notChats);
  }
  const held = isRecord(parsed) && Array.isArray(parsed.chats) ? parsed.chats : [parsed].flat();
  const chats = held.flatMap((entry: unknown): ExportedChat[] => {
    if (!isRecord(entry)) return [];
    if (isRecord(entry.chat)) return [entry as unknown as ExportedChat];
    return isRecord(entry.history) || Array.isArray(entry.messages) ? [{ chat: entry }] : [];
  });
  if (chats.length === 0) throw new Error(text.chats.notChats);
  return chats;
}

/** Imports chats one by one and tells how many are in. A refusal ends it, with a sentence that names the chat. */
export async function importChats(
  chats: readonly ExportedChat[],
  onProgress: (done: number) => void,
): Promise<void> {
  for (const [index, exported] of chats.entries()) {
    onProgress(index);
    // A folder of another place or time is not here; the chat comes without.
    const { folder_id: _folder, ...kept } = exported as ExportedChat & { folder_id?: unknown };
    try {
      await request("POST", "/api/v1/chats/import", { body: { chats: [kept] } });
    } catch (error) {
      const title = exported.title ?? exported.chat.title ?? String(index + 1);
      throw new Error(text.chats.partly(index, chats.length, title, (error as Error).message));
    }
  }
}

/** All chats of the user, archived ones too, as one JSON list. @throws RequestFailed */
export async function exportChats(): Promise<Blob> {
  const [current, archived] = await Promise.all(
    ["/api/v1/chats/all", "/api/v1/chats/all/archived"].map(async (path) => (await send("GET", path)).text()),
  );
  const inside = [current!, archived!].map((list) => list.trim().slice(1, -1)).filter((list) => list !== "");
  return new Blob(["[", inside.join(","), "]"], { type: "application/json" });
}
