import type { OffstageError } from "../errors.ts";
import type { Answer, StepReport, TurnEvent } from "../index.ts";

/** What `offstage ask --json` prints, whatever happened: what is not known is null or empty. */
export interface AskReport {
  status: "succeeded" | "failed" | "cancelled";
  error: { code: string; message: string } | null;
  chat_id: string | null;
  message_id: string | null;
  /** The whole answer; after a failure what came of it. */
  content: string;
  /** The answer's JSON where a schema was given. */
  json: unknown;
  sources: readonly unknown[];
  title: string | null;
  tags: string[];
  follow_ups: readonly string[];
  usage: Record<string, unknown> | null;
  steps: StepReport[];
  /** The server's own version, and which of the flow's ways suits it. */
  server: { version: string | null; path: string | null };
}

/** A report of a turn of which nothing is known yet. */
export function createAskReport(): AskReport {
  return {
    status: "failed",
    error: null,
    chat_id: null,
    message_id: null,
    content: "",
    json: null,
    sources: [],
    title: null,
    tags: [],
    follow_ups: [],
    usage: null,
    steps: [],
    server: { version: null, path: null },
  };
}

/** Keeps what an event tells, so that a report of a failure says how far the turn came. */
export function noteEvent(report: AskReport, event: TurnEvent): void {
  report.message_id = event.messageId;
  if (event.type === "answer-delta") report.content = event.snapshot;
  if (event.type === "step-done")
    report.steps.push({ name: event.name, ms: event.ms, attempts: event.attempts });
}

/** Keeps everything that a whole answer has. */
export function noteAnswer(report: AskReport, answer: Answer): void {
  Object.assign(report, {
    status: "succeeded",
    chat_id: answer.chatId,
    message_id: answer.messageId,
    content: answer.text,
    sources: answer.sources,
    title: answer.title,
    tags: answer.tags.map(({ name }) => name),
    follow_ups: answer.followUps,
    usage: answer.usage,
    server: answer.server,
  } satisfies Partial<AskReport>);
}

/** Keeps why there is no answer. */
export function noteError(report: AskReport, { code, message }: OffstageError): void {
  report.status = code === "cancelled" ? "cancelled" : "failed";
  report.error = { code, message };
}
