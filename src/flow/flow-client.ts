import type { OpenWebUiClient } from "../client/open-webui-client.ts";

/** The calls that the flow makes; any client that has them will do. */
export type FlowClient = Pick<
  OpenWebUiClient,
  | "baseUrl"
  | "capabilities"
  | "serverNowMs"
  | "createChat"
  | "getChat"
  | "updateChat"
  | "deleteChat"
  | "deleteMessage"
  | "postMessageEvent"
  | "listChats"
  | "searchChats"
  | "startCompletion"
  | "completed"
  | "listTasks"
  | "stopChatTasks"
  | "uploadFile"
  | "getFile"
  | "fileStatus"
  | "listFiles"
  | "getKnowledge"
  | "listKnowledge"
  | "listKnowledgeFiles"
  | "liveEvents"
>;
