import type { RemoteFileProgress } from "../index.ts";
import { type Terminal, withoutControls } from "./terminal.ts";

/** Tells how far a row of files is. */
export interface FileProgress {
  /** The file is at this stage now. */
  stage(name: string, stage: string, processing?: RemoteFileProgress): void;
  /** It is over: what is told next stands on a line of its own. */
  end(): void;
}

const BAR_WIDTH = 20;
const CLEAR_LINE = "\r\u001b[K";

/** A bar on stderr that stands still where a person looks at it, a line for each stage elsewhere. */
export function createFileProgress(terminal: Terminal, fileCount: number): FileProgress {
  const { stderr } = process;
  /** Which file it is, from 1. */
  let place = 0;
  let told = "";
  const line = (name: string, stage: string) => {
    if (told === `${name} ${stage}`) return;
    told = `${name} ${stage}`;
    terminal.note(`${name}: ${stage}`);
  };
  const bar = (name: string, stage: string, share: number) => {
    const filled = "#".repeat(Math.round(share * BAR_WIDTH)).padEnd(BAR_WIDTH, ".");
    const text = `[${filled}] ${place}/${fileCount} ${withoutControls(name)}: ${stage}`;
    stderr.write(CLEAR_LINE + text.slice(0, Math.max(0, stderr.columns - 1)));
  };
  return {
    stage(name, stage, processing) {
      if (stage === "uploading") place++;
      const counts = processing?.progress ?? null;
      if (!stderr.isTTY) return line(name, stage);
      if (counts === null) return bar(name, stage, stage === "added" ? 1 : 0);
      const { embedded, chunks } = counts;
      bar(name, `${stage}, ${embedded} of ${chunks} passages`, chunks === 0 ? 0 : embedded / chunks);
    },
    end: () => {
      if (stderr.isTTY) stderr.write(CLEAR_LINE);
    },
  };
}
