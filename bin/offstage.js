#!/usr/bin/env node
// Starts the command line on a Node that can run it. CommonJS and no syntax newer than ES2019, so that any Node
// from 12 on gets as far as the remedy.

const isNewEnough = (version) => {
  const [major, minor] = version.split(".").map(Number);
  return major > 22 || (major === 22 && minor >= 18);
};

const platform = `${process.platform === "win32" ? "win" : process.platform}-${process.arch}`;

/** Runs the sources where they are (the repository), else what was built from them (the published package). */
async function start() {
  const { existsSync } = require("node:fs");
  const { join } = require("node:path");
  const { pathToFileURL } = require("node:url");
  require("node:module").enableCompileCache();
  const source = join(__dirname, "../src/cli/main.ts");
  const built = join(__dirname, "../dist/cli/main.js");
  const { main } = await import(pathToFileURL(existsSync(source) ? source : built).href);
  await main(process.argv.slice(2));
}

/** Runs this command under the newer Node that npm put beside the package; this process ends as that one does. */
function rerun() {
  const { spawn } = require("node:child_process");
  const { dirname, join } = require("node:path");
  const manifest = require.resolve(`node-${platform}/package.json`);
  if (!isNewEnough(require(manifest).version))
    throw new Error("the Node beside the package is too old as well");
  const node = join(dirname(manifest), "bin", process.platform === "win32" ? "node.exe" : "node");
  const child = spawn(node, [__filename, ...process.argv.slice(2)], { stdio: "inherit" });
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"];
  for (const signal of signals) process.on(signal, () => child.kill(signal));
  child.on("error", refuse);
  child.on("exit", (code, signal) => {
    if (signal === null) process.exit(code);
    for (const name of signals) process.removeAllListeners(name);
    process.kill(process.pid, signal);
  });
}

function refuse() {
  process.stderr.write(
    `offstage needs Node 22.18 or newer; this is Node ${process.versions.node}.\n` +
      "Install a newer one from https://nodejs.org, or put one beside the package: " +
      `npm install node-${platform}@24\n`,
  );
  process.exitCode = 1;
}

if (isNewEnough(process.versions.node)) start();
else {
  try {
    rerun();
  } catch {
    refuse();
  }
}
