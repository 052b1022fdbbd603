import { join } from "node:path";

const PROGRAMS = join(import.meta.dirname, "../../test/clients");

/** A program that tries the areas of one client, and where it finds the server. */
export interface Driver {
  /** As in the table of what is expected. */
  client: string;
  program: string;
  /** What follows the server's address. */
  basePath: string;
}

const driver = (client: string, file: string, basePath = "") => ({
  client,
  program: join(PROGRAMS, file),
  basePath,
});

const onBothPaths = (client: string, file: string) =>
  ["/api", "/api/v1"].map((path) => driver(`${client} on ${path}`, file, path));

/** The client that is driven by its own repository's scripts, which no registry has: CHAT_CLIENT_CHECKOUT names a copy. */
export const LIVE_SCRIPTS = "openwebui-chat-client's live scripts";

/** Every client, with the program that drives it. */
export const DRIVERS: readonly Driver[] = [
  ...onBothPaths("openai (npm)", "openai.mjs"),
  ...onBothPaths("ai (npm)", "vercel-ai.mjs"),
  ...onBothPaths("openai (PyPI)", "drive-openai.py"),
  driver("openwebui-client", "drive-openwebui-client.py", "/api"),
  driver("openwebui-sdk", "drive-openwebui-sdk.py"),
  driver("openwebui-cli", "drive-openwebui-cli.py"),
  driver("openwebui-chat-client", "drive-openwebui-chat-client.py"),
  driver("owui-client", "drive-owui-client.py", "/api"),
  driver(LIVE_SCRIPTS, "drive-live-scripts.py"),
];
