import type { HttpBindings } from "@hono/node-server";
import type { Context as HonoContext } from "hono";
import * as z from "zod";
import { CompletedRequest, CompletionAck, CompletionRequest } from "../../contract/completion.ts";
import { STREAM_HEADERS, streamAnswer } from "../answers/caller-stream.ts";
import { refusedByProvider, refusedReply } from "../answers/provider-failure.ts";
import type { Identity } from "../auth/authenticate.ts";
import type { Sender } from "../auth/sender.ts";
import type { Context, User } from "../context.ts";
import type { ProviderResponse } from "../providers/provider.ts";
import { completeMessage } from "../use-cases/complete-message.ts";
import { askMetered, startMeteredTurn } from "../use-cases/metered-answers.ts";
import type { StartedTurn } from "../use-cases/start-turn.ts";
import { defineRoute, json, type Route } from "./route.ts";

/** How a saved answer is given back to its caller. */
type ReplyForm = "ack" | "stream" | "json";

const isOneCall = (request: CompletionRequest) => !request.chat_id && request.parent_id === null;

const isSaved = (request: CompletionRequest) =>
  isOneCall(request) || Boolean(request.chat_id && (request.id || request.message_ids));

/** The table 'request → response' of `docs/contract.md`. */
async function replyForm(
  context: Context,
  user: User,
  request: CompletionRequest,
  accept: string | undefined,
): Promise<ReplyForm> {
  if (request.message_ids && Object.keys(request.message_ids).length > 0) return "ack";
  if (request.stream !== true) return "json";
  if (!request.session_id) return "stream";
  if (accept?.includes("text/event-stream")) return "stream";
  if (accept?.includes("application/json")) return "ack";
  return (await context.sessions.isLive(user.id, request.session_id)) ? "ack" : "stream";
}

const wantsUsage = (request: CompletionRequest) =>
  (request.stream_options as { include_usage?: boolean } | undefined)?.include_usage === true;

async function replySaved(context: Context, turn: StartedTurn, form: ReplyForm, request: CompletionRequest) {
  const taskIds = turn.answers.map(({ taskId }) => taskId);
  const ack = { status: true, task_id: taskIds[0]!, task_ids: taskIds, chat_id: turn.chatId };
  const headers = { "x-chat-id": turn.chatId };
  const body = { chat_id: turn.chatId };
  if (form === "ack") return json(ack, { headers });
  const answer = turn.answers[0]!;
  if (form === "stream") {
    const stream = streamAnswer(answer, {
      maxWaitingBytes: context.config.limits.maxWaitingBytes,
      chatId: turn.isNewChat ? turn.chatId : null,
      wantsUsage: wantsUsage(request),
      missed: turn.joined.has(answer) ? answer.snapshot().whole : "",
    });
    const upstream = await answer.upstream;
    if (upstream.ok) return new Response(stream, { headers: { ...STREAM_HEADERS, ...headers } });
    await stream.cancel();
    await answer.ended;
    throw refusedByProvider({ ...upstream, body });
  }
  const upstream = await answer.upstream;
  const { completion, error, text, stopped } = await answer.ended;
  if (!upstream.ok) throw refusedByProvider({ ...upstream, body });
  if (error) throw refusedByProvider({ status: 502, detail: error.content, body });
  const whole = completion ?? wholeCompletion(answer.model, text, stopped);
  return json({ ...whole, ...ack }, { headers });
}

/** A `chat.completion` for an answer of which the provider sent none: it was stopped, or is a joined stream. */
function wholeCompletion(model: string, content: string, stopped: boolean) {
  const choice = {
    index: 0,
    message: { role: "assistant", content },
    finish_reason: stopped ? "length" : "stop",
  };
  return { object: "chat.completion", model, choices: [choice] };
}

function replyStateless(response: ProviderResponse): Response {
  if (response.kind === "json") {
    if (response.status >= 400) throw refusedReply(response);
    return json(response.body);
  }
  const iterator = response.events[Symbol.asyncIterator]();
  const encoder = new TextEncoder();
  const stream = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await iterator.next();
        if (done) controller.close();
        else controller.enqueue(encoder.encode(value.map(({ data }) => `data: ${data}\n\n`).join("")));
      } catch (thrown) {
        const error = { message: thrown instanceof Error ? thrown.message : String(thrown) };
        controller.enqueue(encoder.encode(`data: ${JSON.stringify({ error })}\n\ndata: [DONE]\n\n`));
        controller.close();
      }
    },
    async cancel() {
      await iterator.return?.();
    },
  });
  return new Response(stream, { headers: STREAM_HEADERS });
}

/** Answers without a chat, within what its asker may use. */
export async function completeStateless(
  context: Context,
  identity: Identity,
  request: CompletionRequest,
  http: HonoContext,
): Promise<Response> {
  if (request.stream) takeStream(context, identity, http);
  return replyStateless(await askMetered(context, identity, request, http.req.raw.signal));
}

const takeStream = ({ quotas }: Context, { user }: Identity, http: HonoContext) =>
  quotas.takeStream(user.id, (http.env as HttpBindings).outgoing);

async function complete(
  context: Context,
  identity: Identity,
  request: CompletionRequest,
  { http, sender }: { http: HonoContext; sender: () => Sender },
) {
  if (!isSaved(request)) return completeStateless(context, identity, request, http);
  const form = await replyForm(context, identity.user, request, http.req.header("accept"));
  if (form === "stream") takeStream(context, identity, http);
  // What is asked as JSON is asked of the provider as JSON; what is told live is always streamed.
  const asked = form === "ack" ? { ...request, stream: request.stream ?? true } : request;
  return replySaved(context, await startMeteredTurn(context, identity, asked, sender()), form, request);
}

const completionRoute = (path: string) =>
  defineRoute({
    method: "POST",
    path,
    summary:
      "Answers (tutorial step 4). With a chat and a message id the answer is stored and shown live; without, nothing is.",
    tag: "completions",
    access: "user",
    body: CompletionRequest,
    answer: CompletionAck,
    handle: ({ context, identity, body, http, sender }) =>
      complete(context, identity, body, { http, sender }),
  });

export const completionRoutes: Route[] = [
  completionRoute("/api/chat/completions"),
  completionRoute("/api/v1/chat/completions"),
  completionRoute("/openai/chat/completions"),
  defineRoute({
    method: "POST",
    path: "/api/chat/completed",
    summary:
      "Ends a turn (tutorial step 6): waits at most 10 s for the title, tags and follow-ups, and echoes.",
    tag: "completions",
    access: "user",
    body: CompletedRequest,
    answer: z.looseObject({}),
    handle: async ({ context, identity, body, sender }) =>
      json(await completeMessage(context, identity.user, body, sender())),
  }),
];
