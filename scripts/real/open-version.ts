import { rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type LookStage, openLookStage } from "../../test/browser/look-stage.ts";
import { openRealStage } from "../../test/real/stage.ts";
import { installOpenWebUi } from "./install.ts";
import { openWebUiCommand } from "./open-webui-command.ts";
import { ownServerCommand } from "./own-server-command.ts";

export interface OpenVersionOptions {
  version: string;
  /** Whether its web UI runs on our server, instead of on the real one. */
  own: boolean;
  /** The folder for pictures. */
  out: string;
}

/** Starts a version's server, or ours with that version's web UI, and puts Chromium before it; closing removes all of it. */
export async function openVersion({ version, own, out }: OpenVersionOptions): Promise<LookStage> {
  const python = await installOpenWebUi(version);
  const folder = await mkdtemp(join(tmpdir(), `offstage-look-${version}-`));
  const remove = () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  try {
    const real = await openRealStage((providerUrl) =>
      own ? ownServerCommand(python, folder, providerUrl) : openWebUiCommand(python, folder, providerUrl),
    );
    // After the server's own handler, which ends who writes there.
    process.once("exit", remove);
    const { token } = await real.offstage.client.signIn({
      email: "owner@example.org",
      password: "correct horse battery",
    });
    const stage = await openLookStage({
      stage: real,
      baseUrl: real.baseUrl,
      token: token ?? "",
      pictures: { folder: out, prefix: own ? version : `real-${version}` },
    });
    return {
      ...stage,
      async close() {
        await stage.close();
        remove();
      },
    };
  } catch (thrown) {
    remove();
    throw thrown;
  }
}
