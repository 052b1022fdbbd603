import { branch } from "../../chat-tree/index.ts";
import type { CompletionRequest } from "../../contract/completion.ts";
import { contentText } from "../../contract/message.ts";
import type { Writing } from "../../db/database.ts";
import type { ChatTable, MessageTable } from "../../db/schema.ts";
import { OffstageError } from "../../errors.ts";
import type { RunningAnswer } from "../answers/answer-registry.ts";
import { AnsweredElsewhereError } from "../answers/answered-elsewhere.ts";
import { buildProviderRequest } from "../answers/provider-request.ts";
import { rebuildMessages } from "../answers/rebuild-messages.ts";
import { LEASE_MS, type PreparedAnswer, prepareAnswer } from "../answers/run-answer.ts";
import type { Sender } from "../auth/sender.ts";
import { type Context, nowSec, type User } from "../context.ts";
import type { Journal } from "../journal/journal.ts";
import type { AskableModel } from "../models/model-catalogue.ts";
import { assertRoomForMessages } from "./chat-access.ts";
import { messagesForPages, newMessageRow, nextPosition, shapeOf } from "./chat-rows.ts";
import { completeGrounded } from "./complete-grounded.ts";
import { promptVariables, unofferedStatus, wantsMemories } from "./completion-input.ts";
import { type FolderData, parseFolderData } from "./folder-data.ts";
import { lentMaterial } from "./lent-material.ts";
import { resolveMaterial } from "./material.ts";
import { placeholderFields } from "./placeholder-fields.ts";
import { type Again, type AnswerTarget, decideAgain, placeTurn } from "./turn-plan.ts";

/** An answer that is asked for, and who makes it. */
export type Target = AnswerTarget & { found: AskableModel };

/** One turn being written into a chat, within one transaction. */
export class TurnWriter {
  private readonly context: Context;
  private readonly tx: Writing;
  private readonly user: User;
  private readonly request: CompletionRequest;
  private readonly sender: Sender;
  /** As it will be written at the end. */
  private chat: ChatTable;
  /** By position; new ones are added as they are made. */
  private readonly rows = new Map<string, MessageTable>();
  /** Undefined leaves stored placeholders where they are. */
  private answerParentId: string | null | undefined;
  private position = 0;
  /** What the chat's folder says to all that is asked in it. */
  private folder: FolderData = {};

  constructor(
    context: Context,
    tx: Writing,
    user: User,
    { request, chat, sender }: { request: CompletionRequest; chat: ChatTable; sender: Sender },
  ) {
    this.context = context;
    this.tx = tx;
    this.user = user;
    this.request = request;
    this.sender = sender;
    this.chat = { ...chat, revision: chat.revision + 1 };
  }

  /** Takes in the messages that are stored, by position, and the chat's folder. */
  async load(rows: readonly MessageTable[]): Promise<void> {
    for (const row of rows) this.rows.set(row.id, row);
    this.position = nextPosition(rows);
    if (this.chat.folder_id === null) return;
    const folder = await this.context.store.folders.findFolder(this.tx, this.chat.folder_id);
    this.folder = parseFolderData(folder?.data_json);
  }

  /** Finds the answers' parent, and adds the question that has to be made for it. */
  place(targets: readonly Target[]): void {
    const forest = shapeOf(this.chat, [...this.rows.values()]);
    const { answerParentId, newUserMessage } = placeTurn({
      request: this.request,
      forest,
      isPlaceholderStored: targets.every(({ messageId }) => this.rows.has(messageId)),
      textOf: (id) => contentText(this.bodyOf(id).content),
      newId: this.context.newId,
    });
    this.answerParentId = answerParentId;
    if (!newUserMessage) return;
    const { id, parentId, fields } = newUserMessage;
    const defaults = { timestamp: nowSec(this.context.clock), models: targets.map(({ model }) => model) };
    const { origin } = this.sender;
    this.insert({ ...defaults, ...fields, id, role: "user", parentId, childrenIds: [], origin });
  }

  /** Writes the beginning of one answer and puts it on the list; or resolves with the running one that is joined. */
  async begin(target: Target, isFirst: boolean): Promise<PreparedAnswer | RunningAnswer> {
    const running = this.context.answers.ofMessage(this.chat.id, target.messageId);
    if (!running) this.refuseUnknownRunning(target);
    const again = this.decide(target, running);
    if (again === "join") return running!;
    if (again === "refuse") {
      throw new OffstageError(
        "conflict",
        `The message "${target.messageId}" already exists and is no answer that can be made (again): ` +
          "use a new id, or continue it by `assistant_message_id`.",
      );
    }
    if (this.answerParentId === target.messageId) {
      throw new OffstageError("bad_input", `The message "${target.messageId}" cannot be its own parent.`);
    }
    const timestamp = nowSec(this.context.clock);
    if (!this.rows.has(target.messageId)) {
      const parentId = this.answerParentId ?? null;
      this.insert({
        ...placeholderFields(target, timestamp),
        id: target.messageId,
        parentId,
        childrenIds: [],
      });
    }
    const chatBody = JSON.parse(this.chat.body_json) as { params?: Record<string, unknown>; files?: [] };
    const files = [...(this.folder.files ?? []), ...(this.request.files ?? chatBody.files ?? [])];
    const named = await resolveMaterial(this.context, this.tx, this.user, files);
    const lent = await lentMaterial(this.context, this.tx, target.found, named);
    const unoffered = isFirst ? this.takeUnofferedStatus() : null;
    const statuses = [...(unoffered ? [unoffered] : []), ...lent.statuses];
    const former = this.writeBeginning(target, again, statuses);
    const items = [...named, ...lent.items];
    const row = this.rows.get(target.messageId)!;
    const { provider, model, params } = target.found;
    const providerRequest = buildProviderRequest({
      request: this.request,
      model: model.id,
      modelParams: params,
      messages: this.conversation(row.parent_id),
      chatParams: chatBody.params ?? {},
      folderPrompt: this.folder.system_prompt,
      variables: promptVariables(this.context, this.user, this.request),
      wantsUsage: true,
    });
    const journal = this.journalOf(row);
    const recallFor = wantsMemories(this.request) ? this.user.id : null;
    return prepareAnswer(this.context, {
      taskId: row.task_id!,
      chatId: this.chat.id,
      messageId: target.messageId,
      parentId: row.parent_id,
      userId: this.user.id,
      model: target.model,
      provider,
      isDemoModel: model.demo === true,
      providerRequest,
      complete: (signal) =>
        completeGrounded(
          this.context,
          { ...target.found, providerRequest, items, user: this.user, recallFor, journal },
          signal,
        ),
      request: this.request,
      former,
      backgroundTasks: isFirst ? (this.request.background_tasks ?? null) : null,
      statuses,
      journal,
    });
  }

  private journalOf(row: MessageTable): Journal {
    const key = { chatId: this.chat.id, messageId: row.id, taskId: row.task_id! };
    return this.context.journals.begin(key, this.sender, this.request);
  }

  /** Writes the rows and the chat, and ends the transaction with them. */
  async finish(currentId: string): Promise<void> {
    const { messages, chats } = this.context.store;
    assertRoomForMessages(this.context, this.rows.size);
    const changed = [...this.rows.values()].filter(({ revision }) => revision === this.chat.revision);
    const written = changed.map((row) =>
      this.inserted.has(row.id)
        ? messages.insertMessage(this.tx, row)
        : messages.replaceMessage(this.tx, row),
    );
    const chat = {
      ...this.chat,
      current_message_id: currentId,
      updated_at_sec: nowSec(this.context.clock),
    };
    written.push(chats.replaceChat(this.tx, chat));
    this.tx.endHere();
    await Promise.all(written);
  }

  /** What the turn brought to the chat, as open pages are told it. */
  changedMessages(): Record<string, unknown> {
    const rows = [...this.rows.values()];
    const forest = shapeOf(this.chat, rows);
    const changed = rows
      .filter(({ revision }) => revision === this.chat.revision)
      .map(({ id }) => ({ ...this.bodyOf(id), ...forest.messages.get(id)! }));
    return messagesForPages(changed, forest);
  }

  /** Ids of rows that are not stored yet. */
  private readonly inserted = new Set<string>();

  private insert(message: Parameters<typeof newMessageRow>[1]): void {
    const row = newMessageRow(this.chat.id, message, {
      position: this.position,
      revision: this.chat.revision,
    });
    this.position += 1;
    this.rows.set(row.id, row);
    this.inserted.add(row.id);
  }

  private bodyOf(id: string): Record<string, unknown> {
    return JSON.parse(this.rows.get(id)!.body_json) as Record<string, unknown>;
  }

  /** Another node has begun it so short a time ago that this one has not been told. */
  private refuseUnknownRunning({ messageId }: Target): void {
    const row = this.rows.get(messageId);
    if (row?.answer_state !== "running" || row.owner === this.context.owner) return;
    if ((row.lease_until_ms ?? 0) > this.context.clock.nowMs()) throw new AnsweredElsewhereError();
  }

  private decide(target: Target, running: RunningAnswer | undefined): Again {
    const row = this.rows.get(target.messageId);
    if (!row) return "start";
    if (row.role !== "assistant") return "refuse";
    const body = this.bodyOf(row.id);
    return decideAgain({
      request: this.request,
      messageId: row.id,
      state: row.answer_state,
      text: contentText(body.content),
      hasError: Boolean(body.error),
      isSameAsRunning: running ? running.isAskedBy(this.request) : null,
    });
  }

  /** Makes the answer's row a running one; returns the text that it continues. */
  private writeBeginning(target: Target, again: Again, statuses: readonly Record<string, unknown>[]): string {
    const row = this.rows.get(target.messageId)!;
    const body = this.bodyOf(row.id);
    if (again === "rerun") {
      for (const key of ["error", "usage", "sources", "followUps", "statusHistory", "tool_calls"])
        delete body[key];
    }
    if (again !== "continue") body.content = "";
    body.done = false;
    body.model = target.model;
    body.modelName ??= target.model;
    body.origin = this.sender.origin;
    if (statuses.length > 0) body.statusHistory = [...((body.statusHistory as []) ?? []), ...statuses];
    this.rows.set(row.id, {
      ...row,
      parent_id: this.isMovable(row) ? (this.answerParentId ?? row.parent_id) : row.parent_id,
      body_json: JSON.stringify(body),
      revision: this.chat.revision,
      answer_state: "running",
      task_id: this.context.newId(),
      owner: this.context.owner,
      lease_until_ms: this.context.clock.nowMs() + LEASE_MS,
      partial_text: null,
    });
    return contentText(body.content);
  }

  /** A placeholder that nothing hangs on goes where the request says; anything else stays where it is. */
  private isMovable(row: MessageTable): boolean {
    return (
      row.answer_state === "none" && ![...this.rows.values()].some(({ parent_id }) => parent_id === row.id)
    );
  }

  /** What the request says; where that is no more than a system prompt, the conversation as it is stored goes after it. */
  private conversation(parentId: string | null): Record<string, unknown>[] {
    const given = this.request.messages ?? [];
    if (given.some(({ role }) => role !== "system")) return given;
    const forest = shapeOf(this.chat, [...this.rows.values()]);
    const stored = branch(forest, parentId).map(({ id, role }) => ({ ...this.bodyOf(id), role }));
    const messages = [...given, ...rebuildMessages(stored)];
    if (messages.length > 0) return messages;
    throw new OffstageError(
      "bad_input",
      "Nothing is asked: `messages` is missing and the answer has no question.",
    );
  }

  /** What the request wants and is not offered, told once a chat. */
  private takeUnofferedStatus(): Record<string, unknown> | null {
    const meta = JSON.parse(this.chat.meta_json) as { told?: string[] };
    const status = unofferedStatus(this.request, meta.told ?? []);
    if (!status) return null;
    const told = [...(meta.told ?? []), ...status.names];
    this.chat = { ...this.chat, meta_json: JSON.stringify({ ...meta, told }) };
    return status.status;
  }
}
