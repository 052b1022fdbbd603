import { contentText } from "../../contract/message.ts";

const REASONING = /<details type="reasoning"[^>]*>[\s\S]*?<\/details>\n?/g;

/** A text without the folded reasoning that stands in it. */
export function withoutReasoning(text: string): string {
  return text.replace(REASONING, "");
}

interface StoredMessage {
  role: string;
  [key: string]: unknown;
}

interface MessageFile {
  type?: unknown;
  id?: unknown;
  url?: unknown;
  content_type?: unknown;
}

/** Images that a message names, as content parts: older web UIs keep their address, newer ones the id of a file. */
function imageParts(files: unknown): Record<string, unknown>[] {
  if (!Array.isArray(files)) return [];
  return (files as MessageFile[]).flatMap(({ type, id, url, content_type: contentType }) => {
    const isImageFile = typeof contentType === "string" && contentType.startsWith("image/");
    const address = type === "image" ? url : isImageFile ? id : undefined;
    return typeof address === "string" ? [{ type: "image_url", image_url: { url: address } }] : [];
  });
}

/** The conversation for a provider, from a stored branch: what was said, without reasoning, empty answers and errors. */
export function rebuildMessages(branch: readonly StoredMessage[]): Record<string, unknown>[] {
  const messages: Record<string, unknown>[] = [];
  for (const { role, content, files, tool_calls } of branch) {
    if (role === "assistant") {
      const text = withoutReasoning(contentText(content));
      if (text !== "" || tool_calls)
        messages.push({ role, content: text, ...(tool_calls ? { tool_calls } : {}) });
      continue;
    }
    const images = imageParts(files);
    if (images.length === 0) messages.push({ role, content: content ?? "" });
    else messages.push({ role, content: [{ type: "text", text: contentText(content) }, ...images] });
  }
  return messages;
}
