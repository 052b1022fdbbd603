import { rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createOffstage } from "../../src/index.ts";
import { freePort, type ServerCommand, startServerProcess } from "../../test/real/server-process.ts";
import { startProvider } from "../../test/support/provider.ts";
import { installOpenWebUi } from "../real/install.ts";
import { openWebUiCommand } from "../real/open-webui-command.ts";
import { startWitness } from "./witness.ts";

const BIN = join(import.meta.dirname, "../../bin/offstage.js");
const ACCOUNT = { name: "Ada", email: "ada@example.org", password: "correct horse battery" };

/** A server with a provider behind it, and its first user. */
export interface ClientsStage {
  url: string;
  /** What the programs are told by their environment. */
  env: Record<string, string>;
  close(): Promise<void>;
}

async function offstageCommand(folder: string, providerUrl: string): Promise<ServerCommand> {
  const port = await freePort();
  return {
    program: process.execPath,
    args: [BIN, "serve", "--port", String(port), "--data-dir", join(folder, "data")],
    folder,
    url: `http://127.0.0.1:${port}`,
    startTimeoutMs: 60_000,
    env: {
      OPENAI_API_BASE_URLS: providerUrl,
      OPENAI_API_KEYS: "provider-key",
      OFFSTAGE_EMBEDDER: "openai",
      OFFSTAGE_EMBEDDING_MODEL: "words",
      OFFSTAGE_ENABLE_SIGNUP: "true",
    },
  };
}

/** Starts our server, or the real Open WebUI of that version, on a provider, and signs the first user up. */
export async function openClientsStage(realVersion: string | undefined): Promise<ClientsStage> {
  const folder = await mkdtemp(join(tmpdir(), "offstage-clients-"));
  const provider = await startProvider({ strict: realVersion === undefined });
  const witness = await startWitness(provider);
  const command = realVersion
    ? await openWebUiCommand(await installOpenWebUi(realVersion), folder, provider.url)
    : await offstageCommand(folder, provider.url);
  const server = await startServerProcess(command);
  const offstage = createOffstage({ baseUrl: server.url });
  const { token } = await offstage.client.signUp(ACCOUNT);
  await offstage.close();
  if (token === null) throw new Error("The server signed the first user up, but gave no token.");
  return {
    url: server.url,
    env: {
      SERVER_URL: server.url,
      TOKEN: token,
      API_KEY: await createApiKey(server.url, token),
      EMAIL: ACCOUNT.email,
      PASSWORD: ACCOUNT.password,
      MODEL: "gpt-4o",
      OTHER_MODEL: "gpt-4o-mini",
      LAST_ASKED_URL: witness.url,
      WORK_FOLDER: folder,
    },
    async close() {
      await server.stop();
      witness.close();
      await provider.close();
      rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

async function createApiKey(url: string, token: string): Promise<string> {
  const response = await fetch(`${url}/api/v1/auths/api_key`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}` },
  });
  if (!response.ok)
    throw new Error(`The server gave no API key: ${response.status} ${await response.text()}`);
  const { api_key } = (await response.json()) as { api_key: string };
  return api_key;
}
