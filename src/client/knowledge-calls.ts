import { filledString } from "../contract/json-shape.ts";
import { KnowledgeStatus } from "../contract/knowledge.ts";
import { ApiError } from "../errors.ts";
import { type Identified, recordAnswer, rowsAnswer } from "./answer-shapes.ts";
import { detailSentence } from "./api-errors.ts";
import type {
  CallOptions,
  OpenWebUiClient,
  RemoteKnowledge,
  ServerCapabilities,
} from "./client-interface.ts";
import { decodeFile, PROCESSING_TIMEOUT_MS } from "./file-calls.ts";
import { allRows } from "./paged-rows.ts";
import { pathSegment, type Transport } from "./transport.ts";

type KnowledgeCalls = Pick<
  OpenWebUiClient,
  | "createKnowledge"
  | "listKnowledge"
  | "getKnowledge"
  | "listKnowledgeFiles"
  | "updateKnowledge"
  | "addFileToKnowledge"
  | "removeFileFromKnowledge"
  | "resetKnowledge"
  | "deleteKnowledge"
>;

const KNOWLEDGE = "/api/v1/knowledge";

/** The calls about collections of files. */
export function createKnowledgeCalls(
  transport: Transport,
  capabilities: (options?: CallOptions) => Promise<ServerCapabilities>,
): KnowledgeCalls {
  const pathOf = (knowledgeId: string, rest = "") => `${KNOWLEDGE}/${pathSegment(knowledgeId)}${rest}`;
  const get = (path: string, options?: CallOptions) => transport.json({ method: "GET", path }, options);
  const post = async (path: string, body: unknown, options?: CallOptions, repeatable = false) =>
    decodeKnowledge(
      recordAnswer(
        "such knowledge",
        await transport.json({ method: "POST", path, body, repeatable }, options),
      ),
    );
  const getKnowledge = async (knowledgeId: string, options?: CallOptions) =>
    decodeKnowledge(recordAnswer("such knowledge", await get(pathOf(knowledgeId), options)));

  return {
    createKnowledge: ({ description = "", access_control = {}, ...fields }, options) =>
      // Up to 0.7 a collection is everybody's unless its access is named.
      post(`${KNOWLEDGE}/create`, { ...fields, description, access_control }, options),
    listKnowledge: async (options) =>
      (await allRows("a list of knowledge", `${KNOWLEDGE}/`, (path) => get(path, options))).map(
        decodeKnowledge,
      ),
    getKnowledge,
    listKnowledgeFiles: async (knowledgeId, options) => {
      const what = "the files of a collection";
      const { knowledgeFilesPaged } = await capabilities(options);
      const rows = knowledgeFilesPaged
        ? await allRows(what, pathOf(knowledgeId, "/files"), (path) => get(path, options))
        : rowsAnswer(what, (await getKnowledge(knowledgeId, options)).files ?? []);
      return rows.map(decodeFile);
    },
    updateKnowledge: async (knowledgeId, fields, options) => {
      const { name, description, access_control, access_grants } = await getKnowledge(knowledgeId, options);
      // What is left out would be lost by some servers.
      const kept = { name, description, access_control, access_grants };
      return post(pathOf(knowledgeId, "/update"), { ...kept, ...fields }, options, true);
    },
    addFileToKnowledge: (knowledgeId, fileId, options) =>
      post(
        pathOf(knowledgeId, "/file/add"),
        { file_id: fileId },
        { timeoutMs: PROCESSING_TIMEOUT_MS, ...options },
      ).catch((thrown) => {
        throw asRefusedFile(thrown);
      }),
    removeFileFromKnowledge: (knowledgeId, fileId, { deleteFile = false, ...options } = {}) =>
      post(pathOf(knowledgeId, `/file/remove?delete_file=${deleteFile}`), { file_id: fileId }, options),
    resetKnowledge: (knowledgeId, options) => post(pathOf(knowledgeId, "/reset"), undefined, options, true),
    deleteKnowledge: async (knowledgeId, options) => {
      const repeatable = options?.repeatable ?? false;
      await transport.json({ method: "DELETE", path: pathOf(knowledgeId, "/delete"), repeatable }, options);
    },
  };
}

/** Servers answer 400, with the status of what failed inside, for all that they could not do with a file. */
function asRefusedFile(thrown: unknown): unknown {
  if (!(thrown instanceof ApiError) || thrown.status !== 400) return thrown;
  const reason = detailSentence(thrown.body).replace(/^(\d{3}: )+/, "");
  const code = /duplicate content/i.test(reason) ? "conflict" : "bad_input";
  const sentence = `The server did not take the file into the collection: ${reason}`;
  return new ApiError(code, sentence, thrown, { cause: thrown });
}

function decodeKnowledge(row: Identified): RemoteKnowledge {
  const count = row.files_count ?? row.file_count ?? (Array.isArray(row.files) ? row.files.length : null);
  return {
    ...row,
    name: filledString(row.name) ?? row.id,
    description: filledString(row.description) ?? "",
    status: KnowledgeStatus.safeParse(row.status).data ?? "processed",
    fileCount: typeof count === "number" ? count : null,
  };
}
