import * as z from "zod";
import { CompletionMessage } from "../../contract/message.ts";
import { OffstageError } from "../../errors.ts";
import { nowSec } from "../context.ts";
import { mergePrompt } from "../tasks/merge-prompt.ts";
import { type MadeTask, makeTask } from "../use-cases/make-task.ts";
import { completeStateless } from "./completion-routes.ts";
import { defineRoute, json, type Route } from "./route.ts";

const about = { tag: "tasks", access: "user", method: "POST" } as const;

const pathOf = (name: string) => `/api/v1/tasks/${name}/completions`;

const MADE: Readonly<Record<string, MadeTask>> = {
  title: "title",
  tags: "tags",
  follow_up: "follow_ups",
  follow_ups: "follow_ups",
};

const NOT_OFFERED: Readonly<Record<string, string>> = {
  queries: "making up queries",
  auto: "completing what is being typed",
  emoji: "choosing an emoji",
  image_prompt: "describing pictures to be made",
};

const TaskCompletion = z
  .looseObject({
    object: z.literal("chat.completion"),
    choices: z.array(z.looseObject({ message: z.looseObject({ role: z.string(), content: z.string() }) })),
  })
  .meta({ id: "TaskCompletion", description: "A `chat.completion` whose content is JSON text" });

const madeRoute = ([name, kind]: [string, MadeTask]) =>
  defineRoute({
    ...about,
    path: pathOf(name),
    summary: `Makes \`${kind}\` of the messages: a \`chat.completion\` whose content is JSON text.`,
    body: z.looseObject({
      model: z.string().max(1_024),
      messages: z.array(CompletionMessage).min(1).max(100_000),
    }),
    answer: TaskCompletion,
    handle: async ({ context, identity, body, http }) => {
      const made = await makeTask(context, identity, kind, body, http.req.raw.signal);
      const message = { role: "assistant", content: JSON.stringify(made) };
      return json({
        id: `chatcmpl-${context.newId()}`,
        object: "chat.completion",
        created: nowSec(context.clock),
        model: body.model,
        choices: [{ index: 0, message, finish_reason: "stop" }],
      });
    },
  });

const mergeRoute = defineRoute({
  ...about,
  path: pathOf("moa"),
  summary: "Merges several answers to a question into one: a completion of the model, with `stream` as SSE.",
  body: z.looseObject({
    model: z.string().max(1_024),
    prompt: z.string().min(1),
    responses: z.array(z.string()).min(1).max(64),
    stream: z.boolean().nullish(),
  }),
  answer: z.looseObject({ object: z.literal("chat.completion") }),
  handle: ({ context, identity, body: { model, prompt, responses, stream }, http }) => {
    const messages = [{ role: "user", content: mergePrompt(prompt, responses) } as const];
    return completeStateless(context, identity, { model, stream, messages }, http);
  },
});

const refusedRoute = ([name, what]: [string, string]) =>
  defineRoute({
    ...about,
    path: pathOf(name),
    summary: "Always a 400: this is not offered.",
    handle: () => {
      throw new OffstageError("bad_input", `This server does not offer it: ${what}.`);
    },
  });

/** What pages ask models for beside answers. */
export const taskCompletionRoutes: Route[] = [
  ...Object.entries(MADE).map(madeRoute),
  mergeRoute,
  ...Object.entries(NOT_OFFERED).map(refusedRoute),
];
