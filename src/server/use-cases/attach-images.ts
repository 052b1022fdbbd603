import { buffer } from "node:stream/consumers";
import { OffstageError } from "../../errors.ts";
import type { Context, User } from "../context.ts";
import type { ProviderRequest } from "../providers/provider.ts";
import { openFile } from "./files.ts";

/** A file of this server, as pages of newer versions name the images of a message: by its id, or by its path. */
const FILE = /^(?:\/api\/v1\/files\/)?([\w-]{1,64})(?:\/content)?$/;
/** Providers take no larger ones, and one is held in memory while it is sent. */
const MAX_IMAGE_BYTES = 20 * 1024 * 1024;

type Message = ProviderRequest["messages"][number];

/**
 * The messages with the bytes of each image that names a file of the user's, as a `data:` address that any provider can
 * read. Other addresses stay. @throws OffstageError `not_found` for an unknown or foreign file, `bad_input` for a large one
 */
export async function attachImages(
  context: Context,
  user: User,
  messages: readonly Message[],
): Promise<Message[]> {
  return Promise.all(
    messages.map(async (message) => {
      if (!Array.isArray(message.content) || !message.content.some(fileIdOf)) return message;
      return {
        ...message,
        content: await Promise.all(message.content.map((part) => attach(context, user, part))),
      };
    }),
  );
}

function fileIdOf(part: unknown): string | undefined {
  const { type, image_url: image } = part as { type?: unknown; image_url?: { url?: unknown } };
  return type === "image_url" && typeof image?.url === "string" ? FILE.exec(image.url)?.[1] : undefined;
}

async function attach(context: Context, user: User, part: unknown): Promise<unknown> {
  const id = fileIdOf(part);
  if (id === undefined) return part;
  const { file, bytes } = await openFile(context, user, id);
  if (file.size_bytes > MAX_IMAGE_BYTES) {
    bytes.destroy();
    throw new OffstageError(
      "bad_input",
      `The image "${file.name}" has ${file.size_bytes} bytes; a model is sent ${MAX_IMAGE_BYTES} at most.`,
    );
  }
  const base64 = (await buffer(bytes)).toString("base64");
  const { image_url } = part as { image_url: Record<string, unknown> };
  return {
    type: "image_url",
    image_url: { ...image_url, url: `data:${file.content_type};base64,${base64}` },
  };
}
