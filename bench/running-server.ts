import { request } from "undici";
import { type Child, startChild } from "./child-process.ts";

/** Our own server as a process, with an owner whom the bench knows. */
export interface RunningServer extends Child {
  signIn(): Promise<string>;
}

const OWNER = { email: "bench@example.com", password: "a password for the bench" };

/** Starts `offstage serve` on a free port of 127.0.0.1; resolves when it says that it listens. */
export async function startServer(place: {
  root: string;
  dataDir: string;
  providerUrl: string;
  nodeOptions?: readonly string[];
  env?: Record<string, string>;
  /** False: as a first `offstage serve`, with nobody to sign in as and no password to be hashed at start. */
  owned?: boolean;
}): Promise<RunningServer> {
  const child = await startChild(
    [...(place.nodeOptions ?? []), "bin/offstage.js", "serve", "--port", "0", "--data-dir", place.dataDir],
    "offstage listening on ",
    {
      cwd: place.root,
      env: {
        OPENAI_API_BASE_URLS: place.providerUrl,
        OPENAI_API_KEYS: "bench",
        ...(place.owned === false
          ? {}
          : { OFFSTAGE_ADMIN_EMAIL: OWNER.email, OFFSTAGE_ADMIN_PASSWORD: OWNER.password }),
        ...place.env,
      },
    },
  );
  return {
    ...child,
    async signIn() {
      const { statusCode, body } = await request(`${child.url}/api/v1/auths/signin`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(OWNER),
      });
      const text = await body.text();
      if (statusCode !== 200) throw new Error(`sign-in: HTTP ${statusCode} ${text}`);
      return (JSON.parse(text) as { token: string }).token;
    },
  };
}
