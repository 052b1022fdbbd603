import { match } from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { question } from "../real/stage.ts";
import { expectSound, type Look } from "./look.ts";

const FERRY = "The ferry to Lund leaves at 09:40 every weekday.";
const LIGHTHOUSE = "The lighthouse of Sandhamn is painted green and is 31 metres high.";

/** What people see of the documents that the flow asks about. */
export const DOCUMENT_LOOKS: Readonly<Record<string, Look>> = {
  async "a question with a collection and a file"(stage) {
    const { client } = stage.offstage;
    const folder = await mkdtemp(join(tmpdir(), "offstage-look-"));
    const knowledge = await client.createKnowledge({ name: `Timetables ${Date.now()}`, description: "" });
    try {
      const bytes = new TextEncoder().encode(FERRY);
      const file = await client.uploadFile({ name: "ferry.txt", bytes, contentType: "text/plain" });
      for await (const _ of client.watchFile(file.id));
      await client.addFileToKnowledge(knowledge.id, file.id);
      const path = join(folder, "lighthouse.txt");
      await writeFile(path, LIGHTHOUSE);
      const asked = question("How high is the lighthouse?", { knowledge: [knowledge.id], files: [path] });
      const { chatId } = await stage.offstage.ask(asked).answer();
      const tab = await stage.openTab(`/c/${chatId}`);
      await tab.seen("How high is the lighthouse?");
      await tab.expectIdle();
      const shown = await tab.everything();
      match(shown, /lighthouse\.txt/);
      match(shown, /Timetables \d+/);
      await tab.picture("6-documents");
      await expectSound(stage, tab);
    } finally {
      await client.deleteKnowledge(knowledge.id);
      await rm(folder, { recursive: true });
    }
  },
};
