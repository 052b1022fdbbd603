import { stringItems } from "../contract/json-shape.ts";
import { ApiError } from "../errors.ts";
import { objectAnswer } from "./answer-shapes.ts";
import type { CallOptions, OpenWebUiClient, ServerCapabilities } from "./client-interface.ts";
import { pathSegment, type Transport } from "./transport.ts";

type TaskCalls = Pick<OpenWebUiClient, "listTasks" | "stopTask" | "stopChatTasks">;

/** The calls about what runs. What a stop answers is ignored: some servers say `status: false` of one that worked. */
export function createTaskCalls(
  transport: Transport,
  capabilities: (options?: CallOptions) => Promise<ServerCapabilities>,
): TaskCalls {
  const listTasks = async (chatId: string, options?: CallOptions) => {
    const answer = await transport.json(
      { method: "GET", path: `/api/tasks/chat/${pathSegment(chatId)}` },
      options,
    );
    return stringItems(objectAnswer("the tasks of a chat", answer).task_ids);
  };
  const stopTask = async (taskId: string, options?: CallOptions) => {
    try {
      await transport.json(
        { method: "POST", path: `/api/tasks/stop/${pathSegment(taskId)}`, repeatable: true },
        options,
      );
    } catch (thrown) {
      // A task that is not there has ended, which is what was asked for.
      if (!(thrown instanceof ApiError) || thrown.code !== "not_found") throw thrown;
    }
  };

  return {
    listTasks,
    stopTask,
    stopChatTasks: async (chatId, options) => {
      if ((await capabilities(options)).serverTurns) {
        await transport.json(
          { method: "POST", path: `/api/tasks/chat/${pathSegment(chatId)}/stop`, repeatable: true },
          options,
        );
        return;
      }
      const taskIds = await listTasks(chatId, options);
      await Promise.all(taskIds.map((taskId) => stopTask(taskId, options)));
    },
  };
}
