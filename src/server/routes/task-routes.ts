import * as z from "zod";
import { listChatTasks, stopChat, stopTask } from "../use-cases/stop-tasks.ts";
import { defineRoute, json, type Route } from "./route.ts";

const Stopped = z.object({ status: z.literal(true), message: z.string() });

export const taskRoutes: Route[] = [
  defineRoute({
    method: "GET",
    path: "/api/tasks",
    summary: "The ids of the user's running tasks.",
    tag: "tasks",
    access: "user",
    answer: z.object({ tasks: z.array(z.string()) }),
    handle: ({ context, identity }) =>
      json({ tasks: context.answers.ofUser(identity.user.id).map(({ taskId }) => taskId) }),
  }),
  defineRoute({
    method: "GET",
    path: "/api/tasks/chat/:chatId",
    summary: "The ids of a chat's running tasks: answers, and the titles, tags and follow-ups after them.",
    tag: "tasks",
    access: "user",
    answer: z.object({ task_ids: z.array(z.string()) }),
    handle: ({ context, identity, params }) =>
      json({ task_ids: listChatTasks(context, identity.user, params.chatId!) }),
  }),
  defineRoute({
    method: "POST",
    path: "/api/tasks/stop/:taskId",
    summary: "Stops a task; answers once its end is stored, with what had come of it.",
    tag: "tasks",
    access: "user",
    answer: Stopped,
    handle: async ({ context, identity, params }) => {
      await stopTask(context, identity.user, params.taskId!);
      return json({ status: true, message: `Task ${params.taskId} is stopped.` });
    },
  }),
  defineRoute({
    method: "POST",
    path: "/api/tasks/chat/:chatId/stop",
    summary: "Stops all tasks of a chat; answers once their ends are stored.",
    tag: "tasks",
    access: "user",
    answer: Stopped,
    handle: async ({ context, identity, params }) => {
      const count = await stopChat(context, identity.user, params.chatId!);
      return json({ status: true, message: `${count} tasks are stopped.` });
    },
  }),
];
