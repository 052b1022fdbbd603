export type {
  CallOptions,
  ClientClock,
  CompletionStart,
  FileUpload,
  KnowledgeFields,
  LiveEvent,
  OpenWebUiClient,
  OpenWebUiClientOptions,
  RemoteFile,
  RemoteFileProgress,
  RemoteKnowledge,
  RemoteModel,
  RetryOptions,
  ServerCapabilities,
  SessionUser,
} from "./client/open-webui-client.ts";
export { createOpenWebUiClient } from "./client/open-webui-client.ts";
export type { ChatDto, FileReference, PostedChat, Tag } from "./contract/chat.ts";
export { type CitedPassage, citedPassages } from "./contract/cited-passage.ts";
export type {
  BackgroundTasks,
  CompletedRequest,
  CompletionRequest,
  MessageError,
  Usage,
} from "./contract/completion.ts";
export type { Knowledge, KnowledgeResponse, KnowledgeStatus } from "./contract/knowledge.ts";
export type {
  CompletionMessage,
  Content,
  ContentPart,
  WireHistory,
  WireMessage,
} from "./contract/message.ts";
export type { ModelInformation } from "./contract/model.ts";
export type { CompletionEvent, ObservedEvent } from "./contract/observed-event.ts";
export type { StoredChat, StoredChatDocument } from "./contract/stored-chat.ts";
export { ApiError, asOffstageError, ERROR_TABLE, type ErrorCode, OffstageError } from "./errors.ts";
export type { Answer, JsonOptions, ModelAnswer } from "./flow/answer.ts";
export type { AskInput, TurnIds, WaitMode } from "./flow/ask-input.ts";
export {
  type AssistantMessageInput,
  type BuiltChat,
  buildAssistantMessage,
  buildChat,
  buildCompletedRequest,
  buildCompletionsRequest,
  buildUserMessage,
  type ChatInput,
  type CompletedInput,
  type CompletionsInput,
  type UserMessageInput,
} from "./flow/builders.ts";
export { createOffstage, type Offstage, type OffstageOptions } from "./flow/create-offstage.ts";
export type { State } from "./flow/decision-table.ts";
export type { FlowClient } from "./flow/flow-client.ts";
export { extractJson } from "./flow/json-extraction.ts";
export type { ServerProfile } from "./flow/server-profile.ts";
export type { SchemaIssue, SchemaResult, StandardSchema } from "./flow/standard-schema.ts";
export type { Turn } from "./flow/turn.ts";
export { type StepName, type StepReport, TUTORIAL_STEPS, type TurnEvent } from "./flow/turn-event.ts";
