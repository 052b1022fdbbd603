import { createHash } from "node:crypto";
import type { Queries } from "../../db/database.ts";
import { OffstageError } from "../../errors.ts";
import type { Context, User } from "../context.ts";

/** Pages shrink pictures before they send them: a larger one was not made for a face. */
const MAX_BYTES = 512 * 1024;
const DATA_URL = /^data:(image\/(?:png|jpeg|webp|gif));base64,([A-Za-z\d+/]+={0,2})$/;

const settingOf = (userId: string) => `picture:${userId}`;

/** Where a user's picture is; there is one for everybody. */
export const pictureUrl = (userId: string) => `/api/v1/users/${userId}/profile/image`;

/** A picture that a user gave. */
export interface ProfilePicture {
  mediaType: string;
  bytes: Buffer<ArrayBuffer>;
  /** Another one for another picture. */
  tag: string;
}

function parsePicture(url: string): { mediaType: string; base64: string } {
  const [, mediaType, base64] = DATA_URL.exec(url) ?? [];
  if (mediaType === undefined || base64 === undefined) {
    throw new OffstageError(
      "bad_input",
      `"${url.slice(0, 60)}" is no picture that is kept here: send a PNG, JPEG, WebP or GIF as a data: URL.`,
    );
  }
  if (base64.length * 0.75 > MAX_BYTES) {
    throw new OffstageError("too_large", `A profile picture has ${MAX_BYTES} bytes at most.`);
  }
  return { mediaType, base64 };
}

/** The picture that a user gave; null where they gave none. */
export async function readPicture({ store }: Context, userId: string): Promise<ProfilePicture | null> {
  const stored = (await store.settings.findSetting(store.read, settingOf(userId))) as
    | { mediaType: string; base64: string }
    | null
    | undefined;
  if (!stored) return null;
  const bytes = Buffer.from(stored.base64, "base64");
  const tag = createHash("sha256").update(bytes).digest("base64url").slice(0, 16);
  return { mediaType: stored.mediaType, bytes, tag };
}

/**
 * Keeps what a page posts as the user's picture: a `data:` URL is a new one, the address of the present one changes
 * nothing, and Open WebUI's name for none, or nothing, takes it away. @throws OffstageError `bad_input`, `too_large`
 */
export async function keepPicture({ store }: Context, user: User, url: string): Promise<void> {
  if (url.startsWith(pictureUrl(user.id))) return;
  const name = settingOf(user.id);
  if (url === "" || url === "/user.png") {
    await store.write((tx) => store.settings.deleteSetting(tx, name));
    return;
  }
  const picture = parsePicture(url);
  await store.write((tx) => store.settings.putSetting(tx, name, picture));
}

/** Takes a user's picture away in the transaction that deletes the user. */
export const forgetPicture = ({ store }: Context, tx: Queries, userId: string): Promise<void> =>
  store.settings.deleteSetting(tx, settingOf(userId));
