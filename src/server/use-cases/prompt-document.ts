import type { PromptTable, PromptVersionTable } from "../../db/schema.ts";
import type { User } from "../context.ts";
import { encodeAccess } from "./access.ts";
import { encodeOwner } from "./knowledge-document.ts";
import type { ListedPrompt } from "./prompts.ts";

/** Since when pages put the slash in front of a command themselves. */
const FIRST_WITHOUT_SLASH = "0.8.0";

/** What stands in front of commands for the web UI that is served, which has this version; null for none. */
export function commandPrefix(webUiVersion: string | null): "/" | "" {
  if (webUiVersion === null) return "";
  return webUiVersion.localeCompare(FIRST_WITHOUT_SLASH, "en", { numeric: true }) < 0 ? "/" : "";
}

/** A prompt as the wire has it: 0.12.4's record, with the fields of earlier versions. Times in seconds. */
export function encodePrompt(prompt: PromptTable, prefix: "/" | ""): Record<string, unknown> {
  return {
    id: prompt.id,
    command: prefix + prompt.command,
    user_id: prompt.user_id,
    name: prompt.name,
    title: prompt.name,
    content: prompt.content,
    data: JSON.parse(prompt.data_json),
    meta: JSON.parse(prompt.meta_json),
    tags: JSON.parse(prompt.tags_json),
    is_active: prompt.is_active === 1,
    version_id: prompt.version_id,
    created_at: prompt.created_at_sec,
    updated_at: prompt.updated_at_sec,
    timestamp: prompt.updated_at_sec,
    ...encodeAccess(prompt),
  };
}

/** A prompt among others, or on its own page. */
export function encodeListedPrompt(
  { prompt, owner, isWritable }: ListedPrompt,
  prefix: "/" | "",
): Record<string, unknown> {
  return { ...encodePrompt(prompt, prefix), user: encodeOwner(owner), write_access: isWritable };
}

/** A version of a prompt. */
export function encodeVersion(version: PromptVersionTable): Record<string, unknown> {
  return {
    id: version.id,
    prompt_id: version.prompt_id,
    parent_id: version.parent_id,
    snapshot: JSON.parse(version.snapshot_json),
    user_id: version.user_id,
    commit_message: version.commit_message,
    created_at: version.created_at_sec,
  };
}

/** A version among others. */
export function encodeListedVersion(
  version: PromptVersionTable,
  maker: User | undefined,
): Record<string, unknown> {
  return { ...encodeVersion(version), user: encodeOwner(maker) };
}
