import { randomUUID } from "node:crypto";
import type { CaseOutcome, ConformanceCase, Probe } from "./conformance-case.ts";
import { complete, linkedCompletion, linkedShape, watchAnswer } from "./probe-chat.ts";
import { describeReply, type ProbeReply, valueAt } from "./probe-http.ts";

const FILES = "/api/v1/files";
const KNOWLEDGE = "/api/v1/knowledge";
const TEXT = "The ferry to Lund leaves at 09:40 every weekday.";
const QUESTION = "When does the ferry to Lund leave?";

/** Between two looks at a file that is being processed. */
const LOOK_PAUSE_MS = 150;

/** Uploads a small file, lets `look` see the reply, and deletes the file. */
async function withFile(
  probe: Probe,
  look: (upload: ProbeReply, fileId: string) => Promise<CaseOutcome>,
): Promise<CaseOutcome> {
  const form = new FormData();
  form.append("file", new Blob([TEXT], { type: "text/plain" }), "offstage-conformance.txt");
  const upload = await probe.call("POST", `${FILES}/`, { form });
  const fileId = valueAt(upload.body, "id");
  if (typeof fileId !== "string") return { skipped: `this user cannot upload: ${describeReply(upload)}` };
  try {
    return await look(upload, fileId);
  } finally {
    await probe.call("DELETE", `${FILES}/${fileId}`);
  }
}

/** Waits until a file is processed; resolves with why it is not, or null. Servers without statuses process at once. */
async function processingFailure(probe: Probe, fileId: string): Promise<string | null> {
  for (;;) {
    const { body } = await probe.call("GET", `${FILES}/${fileId}/process/status`);
    const status = valueAt(body, "status");
    if (status === "failed") return `the file could not be processed: ${String(valueAt(body, "error"))}`;
    if (status !== "pending" && status !== "processing") return null;
    await probe.pause(LOOK_PAUSE_MS);
  }
}

/** How a server keeps files and answers from them. */
export const knowledgeCases: ConformanceCase[] = [
  {
    name: "async_upload",
    capability: "async_upload",
    question: "Is a small file still being processed when its upload is answered?",
    run: (probe) =>
      withFile(probe, async (upload) => {
        const status = valueAt(upload.body, "data", "status") ?? "no status";
        const value = status === "pending" || status === "processing";
        return { value, evidence: `POST files/: ${upload.status}, ${String(status)}` };
      }),
  },
  {
    name: "knowledge_files_paged",
    capability: "knowledge_files_paged",
    question: "Are a knowledge's files listed by a call of their own?",
    run: async (probe) => {
      const made = await probe.call("POST", `${KNOWLEDGE}/create`, {
        body: { name: "offstage conformance", description: "" },
      });
      const id = valueAt(made.body, "id");
      if (typeof id !== "string")
        return { skipped: `this user cannot make knowledge: ${describeReply(made)}` };
      try {
        const listed = await probe.call("GET", `${KNOWLEDGE}/${id}/files`);
        const value = listed.status === 200 && Array.isArray(valueAt(listed.body, "items"));
        return { value, evidence: `GET knowledge/{id}/files: ${describeReply(listed)}` };
      } finally {
        await probe.call("DELETE", `${KNOWLEDGE}/${id}/delete`);
      }
    },
  },
  {
    name: "sources_stored",
    capability: "sources",
    question: "Are the sources of an answer from a file kept on its message?",
    run: (probe) =>
      withFile(probe, async (_upload, fileId) => {
        const failure = await processingFailure(probe, fileId);
        if (failure !== null) return { skipped: failure };
        const chat = await probe.createChat(QUESTION, linkedShape());
        const files = [{ type: "file", id: fileId, name: "offstage-conformance.txt" }];
        const reply = await complete(probe, { ...(await linkedCompletion(probe, chat)), files });
        const { message } = await watchAnswer(probe, chat);
        const sources = JSON.stringify(message.sources ?? null);
        return {
          value: sources.includes(TEXT),
          evidence: `completion ${reply.status}; ${sources.slice(0, 80)}`,
        };
      }),
  },
  {
    name: "unknown_material_refused",
    capability: "material_checked",
    question: "Is a completion refused that names knowledge which is not there?",
    run: async (probe) => {
      const chat = await probe.createChat(QUESTION, linkedShape());
      const files = [{ type: "collection", id: randomUUID(), status: "processed" }];
      const reply = await complete(probe, { ...(await linkedCompletion(probe, chat)), files });
      if (reply.status < 400) await watchAnswer(probe, chat);
      return { value: reply.status >= 400, evidence: describeReply(reply) };
    },
  },
];
