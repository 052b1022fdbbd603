import { access, readdir, readFile, realpath, stat } from "node:fs/promises";
import { dirname, join, relative, resolve, sep } from "node:path";
import { OffstageError } from "../errors.ts";

/** An installed package's build of Open WebUI's own web UI: the user's copy, served as it is. */
export interface WebUi {
  /** Absolute paths of files by the path under which each is served; those of `/static` may be the package's own. */
  readonly files: ReadonlyMap<string, string>;
  /** The Open WebUI version that this build expects its server to be. */
  readonly version: string;
  /** How it listens to live events: `events` since 0.6.36, `chat-events` before. */
  readonly dialect: "chat-events" | "events";
}

const VERSION = /^\d+\.\d+\.\d+/;

/**
 * Finds out what stands in a build folder. Its version is the given one, else that of the package around it, else the
 * build's own word. @throws OffstageError `bad_input` where it is no build, or its version cannot be found
 */
export async function openWebUi(path: string, version?: string): Promise<WebUi> {
  const folder = resolve(path);
  if (!(await exists(join(folder, "index.html")))) {
    throw new OffstageError(
      "bad_input",
      `There is no web UI in ${folder}: give the folder "open_webui/frontend" of an installed open-webui package.`,
    );
  }
  const found = version ?? (await packageVersion(folder)) ?? (await builtVersion(folder));
  if (!found || !VERSION.test(found)) {
    throw new OffstageError(
      "bad_input",
      `The version of the web UI in ${folder} ${found ? `is "${found}", which is none` : "is not known"}: ` +
        "give it by --frontend-version, such as 0.12.4.",
    );
  }
  const others = join(folder, "..", "static");
  return {
    files: new Map([
      ...((await exists(others)) ? await filesIn(others, "/static") : []),
      ...(await filesIn(folder, "")),
    ]),
    version: found,
    dialect: found.localeCompare("0.6.36", "en", { numeric: true }) < 0 ? "chat-events" : "events",
  };
}

/** All files of a folder, by path under a prefix. A link counts as what it leads to, and not at all where that is outside. */
export async function filesIn(folder: string, prefix: string): Promise<[string, string][]> {
  const root = await realpath(folder);
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const files: [string, string][] = [];
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name);
    if (!entry.isFile() && !(entry.isSymbolicLink() && (await leadsToFileIn(root, path)))) continue;
    files.push([`${prefix}/${relative(root, path).replaceAll(sep, "/")}`, path]);
  }
  return files;
}

async function leadsToFileIn(root: string, link: string): Promise<boolean> {
  const target = await realpath(link).catch(() => "");
  return target.startsWith(root + sep) && (await stat(target)).isFile();
}

/** Python's record of an installed package stands beside it, and has its version in its name. */
async function packageVersion(folder: string): Promise<string | undefined> {
  const packages = dirname(dirname(folder));
  const names = await readdir(packages).catch(() => []);
  return names.map((name) => /^open_webui-(.+)\.dist-info$/.exec(name)?.[1]).find(Boolean);
}

/** What the build says of itself: older ones say the version, newer ones the commit, which says nothing here. */
async function builtVersion(folder: string): Promise<string | undefined> {
  const text = await readFile(join(folder, "_app", "version.json"), "utf8").catch(() => "{}");
  try {
    const { version } = JSON.parse(text) as { version?: unknown };
    return typeof version === "string" && VERSION.test(version) ? version : undefined;
  } catch {
    return undefined;
  }
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
