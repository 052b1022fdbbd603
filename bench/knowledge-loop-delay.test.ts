import { expect, test } from "vitest";
import { startChild } from "./child-process.ts";
import { createLoopWatch } from "./knowledge-loop-delay.ts";

/** Blocks only once its loop turns: the watch begins with it. */
const PROGRAM = `
  setTimeout(() => {
    const untilMs = performance.now() + 300;
    while (performance.now() < untilMs);
    setTimeout(() => console.log("blocked for a while"), 20);
  }, 50);
  setInterval(() => {}, 1_000);`;

test.skipIf(process.platform === "win32")("a blocked event loop is seen once", async () => {
  const watch = createLoopWatch();
  const child = await startChild([...watch.nodeOptions, "--eval", PROGRAM], "blocked ", {
    cwd: import.meta.dirname,
    env: watch.env,
  });
  try {
    const first = await watch.read(child.pid);
    const second = await watch.read(child.pid);
    expect(first.maxMs).toBeGreaterThan(250);
    expect(first.longestWorkMs).toBeGreaterThan(0);
    expect(second.maxMs).toBeLessThan(first.maxMs);
  } finally {
    await child.stop();
  }
});
