import { expect, test } from "vitest";
import { startChild } from "./child-process.ts";
import { atWorkMs, childrenOf, proportionalMiB, residentOfAllMiB } from "./knowledge-processes.ts";

test.skipIf(process.platform !== "linux")(
  "what a process started is found, and its memory counted",
  async () => {
    const alone = await residentOfAllMiB(process.pid);
    const program = "console.log('up and running'); setInterval(() => {}, 1_000)";
    const child = await startChild(["--eval", program], "up ", { cwd: import.meta.dirname });
    try {
      const found = (await childrenOf(process.pid)).find(({ pid }) => pid === child.pid);
      expect(found?.command).toContain("up and running");
      expect(await residentOfAllMiB(process.pid)).toBeGreaterThan(alone! + 10);
      expect(await proportionalMiB(child.pid)).toBeGreaterThan(5);
      expect(await atWorkMs(child.pid)).toBeGreaterThan(0);
    } finally {
      await child.stop();
    }
  },
);
