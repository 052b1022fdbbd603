import * as z from "zod";
import { Id } from "./ids.ts";

export { contentText } from "./content-text.ts";

/** One part of a message's content as OpenAI has them; parts of other types pass through unchanged. */
export const ContentPart = z
  .looseObject({ type: z.string(), text: z.string().optional() })
  .meta({ id: "ContentPart", description: "A part of a message: `text`, `image_url`, …" });
export type ContentPart = z.infer<typeof ContentPart>;

/** A message's content: plain text, or parts. */
export const Content = z.union([z.string(), z.array(ContentPart)]).meta({ id: "Content" });
export type Content = z.infer<typeof Content>;

export const Role = z.enum(["user", "assistant", "system", "tool", "developer"]).meta({ id: "Role" });
export type Role = z.infer<typeof Role>;

/**
 * Tutorial 'Message DTO', as the wire has it: in `chat.messages[]` and in `chat.history.messages`.
 * The server takes any subset (a partial message is merged field by field) and keeps keys that it does not know.
 * `timestamp` is kept as sent: the first edition sends milliseconds, Open WebUI's own pages send seconds.
 */
export const WireMessage = z
  .looseObject({
    id: Id.optional(),
    role: Role.optional(),
    content: z.union([Content, z.null()]).optional(),
    parentId: Id.nullish(),
    childrenIds: z.array(Id).max(100_000).nullish(),
    timestamp: z.number().nullish(),
    models: z.array(z.string()).nullish(),
    model: z.string().nullish(),
    modelName: z.string().nullish(),
    modelIdx: z.number().int().nullish(),
    done: z.boolean().nullish(),
    error: z.unknown().optional(),
    files: z.array(z.unknown()).nullish(),
  })
  .meta({ id: "Message", description: "Message DTO (tutorial, 'DTO Structures')" });
export type WireMessage = z.infer<typeof WireMessage>;

/** Tutorial 'History DTO'. `currentId` is Open WebUI's name, `current_id` the tutorial's; both name one value. */
export const WireHistory = z
  .looseObject({
    messages: z.record(Id, WireMessage).optional(),
    currentId: Id.nullish(),
    current_id: Id.nullish(),
  })
  .meta({ id: "History", description: "History DTO (tutorial, 'DTO Structures')" });
export type WireHistory = z.infer<typeof WireHistory>;

/** Tutorial 'ChatCompletionMessage DTO': what goes to a provider. OpenAI's other fields pass through. */
export const CompletionMessage = z
  .looseObject({
    role: Role,
    content: z.union([Content, z.null()]).optional(),
    name: z.string().optional(),
    tool_calls: z.array(z.unknown()).optional(),
    tool_call_id: z.string().optional(),
  })
  .meta({ id: "ChatCompletionMessage", description: "ChatCompletionMessage DTO (tutorial)" });
export type CompletionMessage = z.infer<typeof CompletionMessage>;
