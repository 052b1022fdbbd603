import { answerReasoning, answerText } from "../contract/answer-decoding.ts";
import type { ChatDto, Tag } from "../contract/chat.ts";
import { type CitedPassage, citedPassages } from "../contract/cited-passage.ts";
import type { Usage } from "../contract/completion.ts";
import { isJsonObject, stringItems } from "../contract/json-shape.ts";
import { OffstageError } from "../errors.ts";
import { parseAnswerJson, reaskContent } from "./answer-json.ts";
import { chatDto, chatTags } from "./chat-dto.ts";
import type { AnswerRun, Run } from "./run.ts";
import type { ServerProfile } from "./server-profile.ts";
import type { StandardSchema } from "./standard-schema.ts";
import type { StepReport } from "./turn-event.ts";

export interface JsonOptions {
  /** Ask the model once more, as the next turn, where its JSON does not do. As the turn says, unless given. */
  reask?: boolean;
}

/** One model's answer. */
export interface ModelAnswer<Output = unknown> {
  readonly model: string;
  readonly modelIdx: number;
  readonly messageId: string;
  /** Without the model's thinking, which is `reasoning`. */
  readonly text: string;
  readonly reasoning: string;
  /** What the answer drew on, as the server has it. */
  readonly sources: readonly unknown[];
  /** The same as passages, by the numbers that the answer cites them by. */
  readonly passages: readonly CitedPassage[];
  readonly followUps: readonly string[];
  readonly usage: Usage | null;
  readonly steps: readonly StepReport[];
  /** Why this one failed, beside others that did not; null where it did not. */
  readonly error: OffstageError | null;
  /**
   * The JSON value in the text: fences and prose around it are cut away, small faults repaired.
   * @throws answer_invalid where there is none, or none that fits the schema.
   */
  json(): Promise<Output>;
  json<Other>(schema: StandardSchema<Other>, options?: JsonOptions): Promise<Other>;
}

/** The end of a turn: its (first) model's answer, and the chat it stands in. */
export interface Answer<Output = unknown> extends ModelAnswer<Output> {
  readonly chatId: string;
  readonly userMessageId: string;
  readonly title: string;
  readonly tags: readonly Tag[];
  /** The tutorial's Chat DTO; times in milliseconds. */
  readonly chat: ChatDto;
  readonly server: { readonly version: string; readonly path: ServerProfile["path"] };
  /** Every model's, in order. */
  readonly answers: readonly ModelAnswer<Output>[];
}

/** What `json` falls back to, and how it asks again. */
export interface JsonDefaults {
  schema: StandardSchema | undefined;
  reask: boolean;
  /** Asks a next turn after the message, and answers its text. */
  ask(model: string, messageId: string, content: string): Promise<string>;
}

/**
 * The answer of a turn that has ended.
 * @throws the first answer's error where none succeeded.
 */
export function turnAnswer(run: Run, json: JsonDefaults): Answer {
  const succeeded = run.answers.find(({ state }) => state === "succeeded");
  if (succeeded === undefined) {
    const failed = run.answers.find(({ problem }) => problem !== null);
    throw failed?.problem ?? new OffstageError("internal", "The turn ended without an answer.");
  }
  // The last one that was read knows the most.
  const record = run.answers.findLast(({ result }) => result !== null)?.result;
  if (record == null) throw new OffstageError("internal", "The turn ended without its chat.");
  const answers = run.answers.map((answer) => modelAnswer(answer, record.chat.history.messages, json));
  return {
    ...(answers[run.answers.indexOf(succeeded)] as ModelAnswer),
    chatId: record.id,
    userMessageId: run.questionId ?? "",
    title: record.title,
    tags: chatTags(record),
    chat: chatDto(record),
    server: { version: run.profile?.version ?? "", path: run.profile?.path ?? "plain" },
    answers,
  };
}

function modelAnswer(
  answer: AnswerRun,
  messages: Record<string, Record<string, unknown>>,
  defaults: JsonDefaults,
): ModelAnswer {
  const { messageId, model, modelIdx } = answer;
  const message = messages[messageId] ?? {};
  const text = answerText(message);
  const sources = Array.isArray(message.sources) ? message.sources : (answer.sources ?? []);
  const json = async (schema = defaults.schema, { reask = defaults.reask }: JsonOptions = {}) => {
    try {
      return await parseAnswerJson(text, schema);
    } catch (thrown) {
      if (!reask || !(thrown instanceof OffstageError) || thrown.code !== "answer_invalid") throw thrown;
      return await parseAnswerJson(await defaults.ask(model, messageId, reaskContent(thrown)), schema);
    }
  };
  return {
    model,
    modelIdx,
    messageId,
    text,
    reasoning: answerReasoning(message),
    sources,
    passages: citedPassages(sources),
    followUps: stringItems(message.followUps),
    usage: isJsonObject(message.usage) ? message.usage : answer.usage,
    steps: answer.steps.reports,
    error: answer.problem,
    json: json as ModelAnswer["json"],
  };
}
