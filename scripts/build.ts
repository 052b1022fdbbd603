import { execFileSync } from "node:child_process";
import { copyFile, glob, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { type BuildOptions, build } from "esbuild";

/*
 * Makes `dist`: bundles that share their common code, and declarations. A file that the
 * sources start by path (a worker: `new URL("./x.ts", import.meta.url)`, or with the extension of the file that starts
 * it) becomes an entry of its own, one that they read by path (`./x.json`) is copied, and the path to it is put right
 * wherever the bundler moved the code that uses it.
 */

const root = resolve(import.meta.dirname, "..");
const src = join(root, "src");
const dist = join(root, "dist");
const USED_BY_PATH =
  /new URL\(\s*["`](\.\/[^"`$]+?)(?:\.ts"|(\.json)"|\$\{extname\d*\(import\.meta\.url\)\}`),\s*import\.meta\.url\s*\)/g;

/** CommonJS packages ask for Node's own modules by `require`, which an ES module does not have. */
const REQUIRE_FOR_COMMONJS =
  'import { createRequire as createRequireForCommonJs } from "node:module"; const require = createRequireForCommonJs(import.meta.url);';

/** Files that are used by path, by the path that stands in the source. Two of one name must be one file. */
async function findFilesByPath(): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for await (const name of glob("**/*.ts", { cwd: src, exclude: ["**/*.test.ts"] })) {
    const starter = join(src, name);
    for (const [, path, data] of (await readFile(starter, "utf8")).matchAll(USED_BY_PATH)) {
      const file = join(dirname(starter), `${path}${data ?? ".ts"}`);
      if ((files.get(path!) ?? file) !== file)
        throw new Error(`"${path}" is used from two places: rename one.`);
      files.set(path!, file);
    }
  }
  return files;
}

const byPath = await findFilesByPath();

async function bundle(entryPoints: string[], options: BuildOptions): Promise<void> {
  const { outputFiles = [] } = await build({
    entryPoints,
    outdir: dist,
    outbase: src,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node22.18",
    write: false,
    ...options,
  });
  for (const { path, text } of outputFiles) {
    const moved = text.replace(USED_BY_PATH, (_, name: string) => {
      const target = join(dist, relative(src, byPath.get(name)!)).replace(/\.ts$/, ".js");
      const url = relative(dirname(path), target).replaceAll("\\", "/");
      return `new URL("${url.startsWith(".") ? url : `./${url}`}", import.meta.url)`;
    });
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, moved);
  }
}

for await (const name of glob("*", { cwd: dist, exclude: ["ui"] }))
  await rm(join(dist, name), { recursive: true });
// What programs import shares its packages with theirs.
const imported = ["index.ts", "server/index.ts", "testing/index.ts"].map((name) => join(src, name));
const started = [...byPath.values()].filter((file) => file.endsWith(".ts"));
await bundle([...imported, ...started], {
  chunkNames: "chunks/[name]-[hash]",
  packages: "external",
});
// The command starts faster from few files: it holds its packages, but for what is optional or native.
await bundle([join(src, "cli/main.ts")], {
  chunkNames: "cli/chunks/[name]-[hash]",
  external: [
    "node-llama-cpp",
    "onnxruntime-node",
    "pg",
    "@opentelemetry/core",
    "@opentelemetry/exporter-trace-otlp-http",
    "@opentelemetry/resources",
    "@opentelemetry/sdk-trace",
    "bufferutil",
    "utf-8-validate",
  ],
  minifySyntax: true,
  minifyWhitespace: true,
  banner: { js: REQUIRE_FOR_COMMONJS },
});
for (const file of byPath.values()) {
  if (!file.endsWith(".ts")) await copyFile(file, join(dist, relative(src, file)));
}
execFileSync(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", "tsconfig.build.json"], {
  cwd: root,
  stdio: "inherit",
});
for await (const name of glob("**/*.d.ts", { cwd: dist })) {
  const file = join(dist, name);
  const text = await readFile(file, "utf8");
  await writeFile(file, text.replace(/(from |import\()"(\.[^"]*)\.ts"/g, '$1"$2.js"'));
}
execFileSync(process.execPath, [join(root, "scripts/build-ui.ts"), "--if-stale"], { stdio: "inherit" });
