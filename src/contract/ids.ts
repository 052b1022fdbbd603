import * as z from "zod";

/** Longest id that any part of the contract takes, in UTF-16 code units. */
export const MAX_ID_LENGTH = 256;

/** A message, chat, session or file id on the wire: 1 to 256 characters, none of them a control character. */
export const Id = z
  .string()
  .min(1)
  .max(MAX_ID_LENGTH)
  .regex(/^[^\u0000-\u001f\u007f-\u009f]*$/, "must not hold control characters")
  .meta({
    id: "Id",
    description: "Any non-empty string of at most 256 characters without control characters",
  });

/**
 * Whether a chat's id says that nothing of it is stored: `temporary:` or `local:` before the id of the page's socket, and
 * `local` alone in 0.6.15.
 */
export function isTemporaryChat(chatId: string): boolean {
  return /^(?:local|temporary)(?::|$)/.test(chatId);
}
