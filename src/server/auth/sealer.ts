import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from "node:crypto";

/** Keeps secrets of others (providers' API keys) unreadable in the database and in backups of it. */
export interface Sealer {
  /** AES-256-GCM under a fresh nonce, as text. */
  seal(secret: string): string;
  /** What was sealed; null where it was sealed under another secret, or changed since. */
  open(sealed: string): string | null;
  /** Stands for a secret where pages show one: the same for the same secret, and nothing of it can be told from it. */
  mask(secret: string): string;
}

const ALGORITHM = "aes-256-gcm";
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const VERSION = "v1.";
const MASK = /^stored-key-[\da-f]{24}$/;

/** A sealer whose keys come from the data folder's secret by HKDF (RFC 5869), apart for each `purpose`. */
export function createSealer(options: { secret: string; purpose: string }): Sealer {
  const derive = (what: string) =>
    Buffer.from(hkdfSync("sha256", options.secret, "", `offstage ${options.purpose} ${what}`, 32));
  const key = derive("seal");
  const maskKey = derive("mask");
  return {
    seal(secret) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES });
      const body = Buffer.concat([cipher.update(secret, "utf8"), cipher.final()]);
      return VERSION + Buffer.concat([nonce, cipher.getAuthTag(), body]).toString("base64url");
    },
    open(sealed) {
      if (!sealed.startsWith(VERSION)) return null;
      const text = sealed.slice(VERSION.length);
      const bytes = Buffer.from(text, "base64url");
      // Several texts are read as the same bytes; one of them was sealed.
      if (bytes.toString("base64url") !== text) return null;
      const nonce = bytes.subarray(0, NONCE_BYTES);
      const tag = bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES);
      try {
        const decipher = createDecipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES });
        decipher.setAuthTag(tag);
        const body = decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES));
        return Buffer.concat([body, decipher.final()]).toString("utf8");
      } catch {
        // The tag does not fit: the caller says which secret has to be given again.
        return null;
      }
    },
    mask: (secret) => `stored-key-${createHmac("sha256", maskKey).update(secret).digest("hex").slice(0, 24)}`,
  };
}

/** Whether a text is what `mask` gives, and so never a key itself. */
export const isMask = (text: string): boolean => MASK.test(text);
