import { decodeError } from "../contract/answer-decoding.ts";
import type { CompletionRequest } from "../contract/completion.ts";
import { completionText, decodeAck, decodeChunk } from "../contract/completion-decoding.ts";
import { filledString, type JsonObject } from "../contract/json-shape.ts";
import { ApiError, OffstageError } from "../errors.ts";
import { objectAnswer } from "./answer-shapes.ts";
import type { CompletionCallOptions, CompletionStart, OpenWebUiClient } from "./client-interface.ts";
import { readCompletionEvents } from "./event-stream.ts";
import type { OpenAnswer, Transport } from "./transport.ts";

type CompletionCalls = Pick<OpenWebUiClient, "startCompletion" | "streamCompletion" | "completed">;

const ACCEPT = {
  ack: "application/json",
  completion: "application/json",
  events: "text/event-stream",
} as const;

/** The calls that make a model answer. `timeoutMs` is for a completion's headers and between two chunks of a stream. */
export function createCompletionCalls(transport: Transport, timeoutMs: number): CompletionCalls {
  const startCompletion = async (
    body: CompletionRequest,
    options: CompletionCallOptions = {},
  ): Promise<CompletionStart> =>
    decodeStart(
      await transport.open(
        { method: "POST", path: "/api/chat/completions", body, accept: ACCEPT[options.want ?? "ack"] },
        { ...options, timeoutMs: options.timeoutMs ?? timeoutMs },
      ),
    );

  return {
    startCompletion,
    async *streamCompletion(body, options) {
      const started = await startCompletion({ ...body, stream: true }, { ...options, want: "events" });
      if (started.kind === "events") yield* started.events;
      else if (started.kind === "completion") yield { ...decodeChunk(started.body), text: started.text };
      else {
        throw new OffstageError(
          "bad_input",
          `The server did not stream the completion but answered with ${started.kind}. Leave out chat_id, id and session_id.`,
        );
      }
    },
    completed: async (body, options) =>
      objectAnswer(
        "the completed chat",
        await transport.json(
          {
            method: "POST",
            path: "/api/chat/completed",
            body,
            repeatable: options?.repeatable ?? false,
          },
          options,
        ),
      ),
  };
}

/** Which of the four forms an answer has; a whole completion may name its tasks too. */
async function decodeStart(answer: OpenAnswer): Promise<CompletionStart> {
  const { response, limit } = answer;
  const headerChatId = filledString(response.headers.get("x-chat-id"));
  if (response.headers.get("content-type")?.startsWith("text/event-stream")) {
    return { kind: "events", events: readCompletionEvents(response, limit), chatId: headerChatId };
  }
  const body = await answer.json();
  if (body === null) return { kind: "empty", chatId: headerChatId };
  const fields = objectAnswer("a completion", body);
  const chatId = headerChatId ?? filledString(fields.chat_id);
  const text = completionText(fields);
  if (text !== null) return { kind: "completion", text, body: fields, chatId };
  const ack = decodeAck(fields);
  if (ack !== null) return { kind: "ack", ...ack, chatId };
  throw noAnswer(response.status, fields);
}

/** Some failures of a provider come with status 200. */
function noAnswer(status: number, body: JsonObject): ApiError {
  const said = decodeError(body.error ?? body.detail)?.content ?? JSON.stringify(body).slice(0, 200);
  return new ApiError(
    "model_failed",
    `The completion brought neither an answer nor a task: ${said}. Check the model and its provider there.`,
    { status, body, requestId: null, retryAfterSec: null },
  );
}
