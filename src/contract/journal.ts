import * as z from "zod";
import { Origin } from "./origin.ts";

/** The steps that a server sees of a turn, and which of the tutorial's seven each belongs to. */
export const TUTORIAL_STEP = {
  chat_created: 1,
  placeholder_saved: 3,
  chat_saved: 3,
  completion_received: 4,
  turn_saved: 4,
  provider_asked: 4,
  first_token: 5,
  polled: 5,
  answer_stored: 5,
  interrupted: 5,
  task_ended: 5,
  completed: 6,
  fetched: 7,
} as const;
export type StepName = keyof typeof TUTORIAL_STEP;

const AtMs = z.number().int().describe("Milliseconds since 1970, by the server's clock.");

export const ServerStep = z
  .object({
    step: z.enum(Object.keys(TUTORIAL_STEP) as [StepName, ...StepName[]]),
    tutorial_step: z.number().int(),
    at_ms: AtMs,
    request_id: z
      .string()
      .optional()
      .describe("The request that took it, as its answer's `x-request-id` says."),
    run_id: z.string().optional(),
    attempt: z.number().int().optional(),
    task: z.string().optional().describe("Of `task_ended`: title, tags or follow_ups."),
    count: z
      .number()
      .int()
      .optional()
      .describe("Of `polled`: how often the chat was read until the answer's end."),
    error: z.string().optional(),
  })
  .meta({ id: "ServerStep", description: "A step of a turn as the server saw it." });
export type ServerStep = z.infer<typeof ServerStep>;

const Headers = z.record(z.string(), z.string());
const Text = z
  .string()
  .nullable()
  .describe("Long texts are cut in their middle, where it says how much is missing.");

export const Exchange = z
  .object({
    purpose: z.enum(["answer", "title", "tags", "follow_ups"]),
    provider: z.string(),
    began_at_ms: AtMs,
    request: z.object({
      method: z
        .string()
        .nullable()
        .describe("Null where nothing went over a wire: the model is in the process."),
      url: z.string().nullable(),
      headers: Headers,
      body: Text,
    }),
    response: z
      .object({
        status: z.number().int(),
        headers: Headers,
        body: Text,
        events: z
          .object({
            count: z.number().int(),
            chars: z.number().int(),
            head: z.array(z.string()),
            tail: z.array(z.string()),
          })
          .nullable()
          .describe(
            "Of a stream: how much came, and its first and last events; the text stands in the message.",
          ),
      })
      .nullable()
      .describe("Null where none came."),
    first_byte_ms: z
      .number()
      .int()
      .nullable()
      .describe("From the request to the first byte of the answer's body."),
    total_ms: z.number().int().nullable().describe("From the request to the last byte that came."),
    usage: z.unknown(),
    error: z.string().nullable(),
  })
  .meta({ id: "Exchange", description: "A request to a provider and what came back, without secrets." });
export type Exchange = z.infer<typeof Exchange>;

export const KnowledgeSearch = z
  .object({
    began_at_ms: AtMs,
    total_ms: z.number().int(),
    queries: z.array(z.string()),
    chunks: z.array(
      z.object({
        content_id: z.string(),
        position: z.number().int(),
        page: z.number().int().nullable(),
        score: z.number(),
        similarity: z.number().nullable(),
      }),
    ),
    found: z.number().int().describe("How many chunks were found; `chunks` has the best of them."),
    error: z.string().nullable().describe("Why the vectors were left out, where they were."),
  })
  .meta({ id: "KnowledgeSearch", description: "What was searched for an answer, and what was found." });
export type KnowledgeSearch = z.infer<typeof KnowledgeSearch>;

export const AnswerJournal = z
  .object({
    task_id: z.string(),
    began_at_ms: AtMs,
    call: z
      .object({ method: z.literal("POST"), path: z.string(), body: z.string() })
      .describe("The completion that asked for the answer; its body is JSON unless it was cut."),
    steps: z.array(ServerStep),
    exchanges: z.array(Exchange),
    searches: z.array(KnowledgeSearch),
  })
  .meta({ id: "AnswerJournal", description: "What the server saw of one making of an answer." });
export type AnswerJournal = z.infer<typeof AnswerJournal>;

export const AnswerExchanges = z
  .object({
    chat_id: z.string(),
    message_id: z.string(),
    origin: Origin.nullable(),
    attempts: z
      .array(AnswerJournal)
      .describe("One for each time that the answer was made or continued, oldest first."),
  })
  .meta({ id: "AnswerExchanges" });
export type AnswerExchanges = z.infer<typeof AnswerExchanges>;
