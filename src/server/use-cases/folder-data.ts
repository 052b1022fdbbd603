import * as z from "zod";
import { FileReference } from "../../contract/chat.ts";

/** What a folder says to all that is asked in its chats, as 0.12.4's page keeps it in the folder's `data`. */
const FolderData = z.object({
  system_prompt: z.string().nullish().catch(undefined),
  files: z.array(FileReference).nullish().catch(undefined),
});
export type FolderData = z.infer<typeof FolderData>;

/** Reads the `data` of a folder; what is not of that form says nothing. */
export function parseFolderData(json: string | null | undefined): FolderData {
  const parsed = FolderData.safeParse(JSON.parse(json ?? "{}"));
  return parsed.success ? parsed.data : {};
}
