import * as z from "zod";
import { FileReference } from "./chat.ts";
import { Id } from "./ids.ts";
import { CompletionMessage, WireMessage } from "./message.ts";

/** Which of the tasks after an answer are wanted. Absent means no; nothing else about them is decided here. */
export const BackgroundTasks = z
  .looseObject({
    title_generation: z.boolean().nullish(),
    tags_generation: z.boolean().nullish(),
    follow_up_generation: z.boolean().nullish(),
  })
  .meta({ id: "BackgroundTasks" });
export type BackgroundTasks = z.infer<typeof BackgroundTasks>;

/** One answer of a turn by several models (0.9.0 and later). */
export const MessageTarget = z.looseObject({
  model_id: z.string(),
  message_id: Id,
  modelIdx: z.number().int().nullish(),
});

/**
 * Tutorial 'ChatCompletionsRequest DTO', with what 0.9.0 and later add. OpenAI's fields (`temperature`, `tools`,
 * `response_format`, …) may stand beside these and go to the provider; everything else stays here.
 */
export const CompletionRequest = z
  .looseObject({
    chat_id: Id.nullish().or(z.literal("")),
    id: Id.nullish().or(z.literal("")),
    session_id: z.string().max(256).nullish(),
    model: z.string().max(1024),
    messages: z.array(CompletionMessage).max(100_000).nullish(),
    stream: z.boolean().nullish(),
    background_tasks: BackgroundTasks.nullish(),
    features: z.record(z.string(), z.unknown()).nullish(),
    variables: z.record(z.string(), z.unknown()).nullish(),
    filter_ids: z.array(z.string()).nullish(),
    files: z.array(FileReference).nullish(),
    /** Offstage's own: seconds to wait for `files` that are still processing, or `true` for 60. */
    wait_for_files: z.union([z.boolean(), z.number().min(0).max(600)]).nullish(),
    params: z.record(z.string(), z.unknown()).nullish(),
    parent_id: Id.nullish(),
    parent_message: z.union([WireMessage, z.null()]).optional(),
    user_message: z.union([WireMessage, z.null()]).optional(),
    assistant_message_id: Id.nullish(),
    message_ids: z.union([z.array(MessageTarget).max(64), z.record(z.string(), Id)]).nullish(),
  })
  .meta({ id: "ChatCompletionsRequest", description: "ChatCompletionsRequest DTO (tutorial)" });
export type CompletionRequest = z.infer<typeof CompletionRequest>;

/** What a completion answers when the caller asked not to wait. `task_ids` in the order of `message_ids`. */
export const CompletionAck = z
  .object({
    status: z.literal(true),
    task_id: z.string(),
    task_ids: z.array(z.string()),
    chat_id: z.string(),
  })
  .meta({ id: "CompletionAck" });
export type CompletionAck = z.infer<typeof CompletionAck>;

/** Tutorial 'ChatCompletedRequest DTO' (step 6). */
export const CompletedRequest = z
  .looseObject({
    model: z.string().max(1024),
    chat_id: Id,
    id: Id,
    session_id: z.string().max(256),
    messages: z.array(WireMessage).max(100_000).nullish(),
  })
  .meta({ id: "ChatCompletedRequest", description: "ChatCompletedRequest DTO (tutorial)" });
export type CompletedRequest = z.infer<typeof CompletedRequest>;

/** Token counts as providers report them. */
export interface Usage {
  prompt_tokens?: number;
  completion_tokens?: number;
  total_tokens?: number;
  [key: string]: unknown;
}

/** Why an answer has no whole text, as stored in `message.error` and sent in events. */
export interface MessageError {
  content: string;
  [key: string]: unknown;
}
