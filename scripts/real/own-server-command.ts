import { globSync } from "node:fs";
import { join } from "node:path";
import { freePort, type ServerCommand } from "../../test/real/server-process.ts";

const BIN = join(import.meta.dirname, "../../bin/offstage.js");

/** How our server is started with the web UI of an installed Open WebUI, whose environment has that Python. */
export async function ownServerCommand(
  python: string,
  folder: string,
  providerUrl: string,
): Promise<ServerCommand> {
  const port = await freePort();
  const [frontend] = globSync(join(python, "../../lib/python3*/site-packages/open_webui/frontend"));
  if (frontend === undefined) throw new Error(`There is no web UI beside ${python}.`);
  return {
    program: process.execPath,
    args: [BIN, "serve", "--port", String(port), "--data-dir", join(folder, "data"), "--frontend", frontend],
    folder,
    url: `http://127.0.0.1:${port}`,
    startTimeoutMs: 30_000,
    env: {
      OPENAI_API_BASE_URLS: providerUrl,
      OPENAI_API_KEYS: "provider-key",
      OFFSTAGE_EMBEDDER: "openai",
      OFFSTAGE_EMBEDDING_MODEL: "words",
      OFFSTAGE_ENABLE_SIGNUP: "true",
    },
  };
}
