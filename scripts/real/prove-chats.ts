import { examineChats } from "../../src/doctor/examine-chats.ts";
import type { FindingCode } from "../../src/doctor/finding.ts";
import type { RealStage } from "../../test/real/stage.ts";
import { type Proof, tellProof } from "./proof.ts";

/** What scenarios break on purpose, and nobody is left to mend. */
const BROKEN_ON_PURPOSE: Readonly<Record<string, readonly FindingCode[]>> = {
  // The scenario itself stops the answer, after the turn has ended.
  "a provider that never answers is given up at the deadline": ["never_ended"],
  // 0.6.15 does not stop what is silent, so that the answer may still come and is left alone.
  "a turn cancelled while the provider says nothing ends, and the chat goes on": ["never_ended"],
};

/** Examines all chats of the user as `offstage doctor --all` does: nothing but notes is found that no scenario meant. */
export async function proveChats(stage: RealStage, makers: ReadonlyMap<string, string>): Promise<Proof> {
  const startedAtMs = performance.now();
  const found: string[] = [];
  let chats = 0;
  await examineChats(stage.offstage.client, allChatIds(stage), {
    onReport: ({ id, findings }) => {
      chats += 1;
      const maker = makers.get(id) ?? "unknown";
      const meant = BROKEN_ON_PURPOSE[maker] ?? [];
      for (const { code, severity, sentence } of findings) {
        if (severity !== "note" && !meant.includes(code)) found.push(`${maker}: ${code}: ${sentence}`);
      }
    },
  });
  const name = "the doctor finds nothing wrong in any chat";
  const problem = found.length === 0 ? null : found.join("\n");
  return tellProof({ name, problem }, performance.now() - startedAtMs, `${chats} chats`);
}

async function* allChatIds({ offstage }: RealStage): AsyncGenerator<string> {
  for await (const { id } of offstage.client.allChats()) yield id;
}
