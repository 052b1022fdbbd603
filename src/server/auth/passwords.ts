import { randomBytes, scrypt, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";
import { OffstageError } from "../../errors.ts";

const derive = promisify<string, Buffer, number, { N: number; r: number; p: number; maxmem: number }, Buffer>(
  scrypt,
);

/** OWASP's scrypt setting of 32 MiB a hash (N = 2^15, r = 8, p = 3). */
const COST = { N: 2 ** 15, r: 8, p: 3, maxmem: 64 * 1024 * 1024 };
const KEY_BYTES = 32;

/** What a password may be, in characters; longer ones would only cost time. */
export const PASSWORD_LENGTH = { min: 8, max: 1024 } as const;

/** Refuses passwords that are too short or too long. @throws OffstageError `bad_input` */
export function assertPassword(password: string): void {
  if (password.length >= PASSWORD_LENGTH.min && password.length <= PASSWORD_LENGTH.max) return;
  throw new OffstageError(
    "bad_input",
    `A password has ${PASSWORD_LENGTH.min} to ${PASSWORD_LENGTH.max} characters; this one has ${password.length}.`,
  );
}

/** `scrypt$salt$key`, base64url. Takes tens of milliseconds, off the main thread. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const key = await derive(password, salt, KEY_BYTES, COST);
  return `scrypt$${salt.toString("base64url")}$${key.toString("base64url")}`;
}

/** Whether the password is the one that was hashed; false for a user who has none. Costs the same either way. */
export async function isPassword(password: string, hash: string | null): Promise<boolean> {
  const [, salt = "", key = ""] = (hash ?? `scrypt$${"A".repeat(22)}$${"A".repeat(43)}`).split("$");
  const derived = await derive(
    password.slice(0, PASSWORD_LENGTH.max),
    Buffer.from(salt, "base64url"),
    KEY_BYTES,
    COST,
  );
  return timingSafeEqual(derived, Buffer.from(key, "base64url")) && hash !== null;
}
