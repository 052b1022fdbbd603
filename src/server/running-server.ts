import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { OffstageError } from "../errors.ts";
import { createTokenSigner, proofKeyOf } from "./auth/tokens.ts";
import type { Store } from "./store/store.ts";

/** Written beside the data while a server runs on it; readable by its owner only. */
const Advertisement = z.object({
  url: z.url(),
  pid: z.number(),
  ownerId: z.string(),
  tokenGeneration: z.number(),
});
export type Advertisement = z.infer<typeof Advertisement>;

const FILE = "server.json";
const SECRET_FILE = "secret";
const SECRET_SETTING = "token_secret";
const PROOF_TIMEOUT_MS = 2_000;
const LOCAL_TOKEN_SEC = 24 * 3600;

/** The secret that signs a data folder's tokens: given, or kept there and made at first use. */
export async function folderSecret(dataDir: string, given: string | undefined): Promise<string> {
  if (given) return given;
  const path = join(dataDir, SECRET_FILE);
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  try {
    await writeFile(path, randomBytes(32).toString("base64url"), { mode: 0o600, flag: "wx" });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  return (await readFile(path, "utf8")).trim();
}

/**
 * The secret of all servers on one database: the one that is kept there, which the first of them brings from its folder.
 * The folder keeps it, too, so that commands can show that they know it.
 */
export async function sharedSecret(store: Store, dataDir: string): Promise<string> {
  const own = await folderSecret(dataDir, undefined);
  const shared = String(await store.write((tx) => store.settings.keepSetting(tx, SECRET_SETTING, own)));
  if (shared !== own) await replaceFile(join(dataDir, SECRET_FILE), shared);
  return shared;
}

/** Tells other processes on this machine that a server runs on the folder. */
export async function advertise(dataDir: string, advertisement: Advertisement): Promise<void> {
  await replaceFile(join(dataDir, FILE), JSON.stringify(advertisement));
}

/** Whoever reads it sees the old text or the new one. */
async function replaceFile(path: string, text: string): Promise<void> {
  const temporary = `${path}.${process.pid}`;
  await writeFile(temporary, text, { mode: 0o600 });
  await rename(temporary, path);
}

/** Takes the advertisement away. */
export async function withdraw(dataDir: string): Promise<void> {
  await rm(join(dataDir, FILE), { force: true });
}

/**
 * The server that runs on a data folder, with a token of the folder's owner; null where none runs. The server has to show
 * that it knows the folder's secret before any token is made for it.
 * @throws OffstageError `unavailable` when something else answers at the server's address
 */
export async function findRunningServer(
  dataDir: string,
  options: { secretKey?: string | undefined } = {},
): Promise<{ url: string; token: string } | null> {
  const text = await readFile(join(dataDir, FILE), "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw error;
  });
  if (text === null) return null;
  const { url, ownerId, tokenGeneration } = Advertisement.parse(JSON.parse(text));
  const secret = await folderSecret(dataDir, options.secretKey);
  const nonce = randomBytes(24).toString("base64url");
  let proof: unknown;
  try {
    const response = await fetch(`${url}/api/offstage/proof?nonce=${nonce}`, {
      signal: AbortSignal.timeout(PROOF_TIMEOUT_MS),
    });
    proof = ((await response.json()) as { proof?: unknown }).proof;
  } catch {
    // Nobody there, or nobody who speaks like us: the advertisement is of a server that died.
    return null;
  }
  const expected = createHmac("sha256", proofKeyOf(secret)).update(nonce).digest();
  const given = Buffer.from(String(proof), "hex");
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    throw new OffstageError(
      "unavailable",
      `What answers at ${url} does not know the secret of ${dataDir}: start \`offstage serve\` on it, or give --url and --token.`,
    );
  }
  const nowSec = () => Math.floor(Date.now() / 1000);
  const signer = createTokenSigner({ secret, lifetimeSec: () => LOCAL_TOKEN_SEC, nowSec });
  const { token } = await signer.sign({ id: ownerId, token_generation: tokenGeneration });
  return { url, token };
}
