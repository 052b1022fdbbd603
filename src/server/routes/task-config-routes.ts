import * as z from "zod";
import type { Context } from "../context.ts";
import { TaskSettings } from "../settings/server-settings.ts";
import { OFF_TASK_CONFIG } from "./off-configs.ts";
import { defineRoute, json, type Route } from "./route.ts";
import { assertUnchanged } from "./switched-off.ts";

const about = { tag: "settings", access: "admin" } as const;
const { shape } = TaskSettings;

const PostedTaskConfig = z.looseObject({
  TASK_MODEL: shape.localModel.nullish(),
  TASK_MODEL_EXTERNAL: shape.model.nullish(),
  ENABLE_TITLE_GENERATION: z.boolean().optional(),
  ENABLE_TAGS_GENERATION: z.boolean().optional(),
  ENABLE_FOLLOW_UP_GENERATION: z.boolean().optional(),
  TITLE_GENERATION_PROMPT_TEMPLATE: shape.titlePrompt.optional(),
  TAGS_GENERATION_PROMPT_TEMPLATE: shape.tagsPrompt.optional(),
  FOLLOW_UP_GENERATION_PROMPT_TEMPLATE: shape.followUpsPrompt.optional(),
});

const TaskConfig = z
  .looseObject({
    TASK_MODEL: z.string(),
    TASK_MODEL_EXTERNAL: z.string(),
    ENABLE_TITLE_GENERATION: z.boolean(),
    ENABLE_TAGS_GENERATION: z.boolean(),
    ENABLE_FOLLOW_UP_GENERATION: z.boolean(),
  })
  .meta({ id: "TaskConfig" });

function taskConfig({ settings }: Context) {
  const { tasks } = settings.current;
  return {
    ...OFF_TASK_CONFIG,
    TASK_MODEL: tasks.localModel,
    TASK_MODEL_EXTERNAL: tasks.model,
    ENABLE_TITLE_GENERATION: tasks.enableTitles,
    ENABLE_TAGS_GENERATION: tasks.enableTags,
    ENABLE_FOLLOW_UP_GENERATION: tasks.enableFollowUps,
    TITLE_GENERATION_PROMPT_TEMPLATE: tasks.titlePrompt,
    TAGS_GENERATION_PROMPT_TEMPLATE: tasks.tagsPrompt,
    FOLLOW_UP_GENERATION_PROMPT_TEMPLATE: tasks.followUpsPrompt,
  };
}

/** What a post changes, in our words; what it leaves out stays. */
const changedTasks = (former: TaskSettings, posted: z.infer<typeof PostedTaskConfig>): TaskSettings => ({
  localModel: posted.TASK_MODEL === undefined ? former.localModel : (posted.TASK_MODEL ?? ""),
  model: posted.TASK_MODEL_EXTERNAL === undefined ? former.model : (posted.TASK_MODEL_EXTERNAL ?? ""),
  enableTitles: posted.ENABLE_TITLE_GENERATION ?? former.enableTitles,
  enableTags: posted.ENABLE_TAGS_GENERATION ?? former.enableTags,
  enableFollowUps: posted.ENABLE_FOLLOW_UP_GENERATION ?? former.enableFollowUps,
  titlePrompt: posted.TITLE_GENERATION_PROMPT_TEMPLATE ?? former.titlePrompt,
  tagsPrompt: posted.TAGS_GENERATION_PROMPT_TEMPLATE ?? former.tagsPrompt,
  followUpsPrompt: posted.FOLLOW_UP_GENERATION_PROMPT_TEMPLATE ?? former.followUpsPrompt,
});

export const taskConfigRoutes: Route[] = [
  defineRoute({
    ...about,
    access: "user",
    method: "GET",
    path: "/api/v1/tasks/config",
    summary: "Which titles, tags and follow-ups are made, by which model and by what prompts.",
    answer: TaskConfig,
    handle: ({ context }) => json(taskConfig(context)),
  }),
  defineRoute({
    ...about,
    method: "POST",
    path: "/api/v1/tasks/config/update",
    summary: "Changes what is named, from the next answer on; refuses to change what is as it is here.",
    body: PostedTaskConfig,
    answer: TaskConfig,
    handle: async ({ context, body }) => {
      assertUnchanged(body, OFF_TASK_CONFIG);
      const { settings } = context;
      await settings.keep("tasks", changedTasks(settings.current.tasks, body));
      return json(taskConfig(context));
    },
  }),
];
