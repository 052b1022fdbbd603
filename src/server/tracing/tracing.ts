import { asOffstageError } from "../../errors.ts";

/** What is noted on a span: figures, ids and names, never a text that somebody wrote, never a secret. Undefined is left out. */
export type Attributes = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

/** A piece of work that is timed. Moves: open → ended; once ended nothing changes it. */
export interface Span {
  /** Runs work whose spans stand under this one. */
  within<T>(work: () => T): T;
  note(attributes: Attributes): void;
  /** It did not come to what was wanted: an error's code, or a status. */
  fail(errorType: string): void;
  end(): void;
}

export interface SpanStart {
  name: string;
  /** Where the work is somebody's request, or one to somebody. */
  kind?: "server" | "client";
  attributes?: Attributes;
  /** Reads a caller's headers: its own trace is continued. Without, the span stands under the one that is being worked in. */
  header?(name: string): string | undefined;
}

/** Tells where the time goes, to whoever collects OpenTelemetry's traces. */
export interface Tracing {
  readonly isOn: boolean;
  begin(start: SpanStart): Span;
  /** W3C trace context of the span that is being worked in, for a request to somebody else. */
  headers(): Readonly<Record<string, string>>;
  /** Sends what is not sent yet, for a few seconds at most. */
  close(): Promise<void>;
}

const NO_SPAN: Span = { within: (work) => work(), note() {}, fail() {}, end() {} };
const NO_HEADERS = {};

/** Tells nobody, and costs nothing. */
export const NO_TRACING: Tracing = {
  isOn: false,
  begin: () => NO_SPAN,
  headers: () => NO_HEADERS,
  async close() {},
};

/** Runs work in a span that ends with it. @throws what the work throws */
export async function inSpan<T>(
  tracing: Tracing,
  start: SpanStart,
  work: (span: Span) => Promise<T>,
): Promise<T> {
  const span = tracing.begin(start);
  try {
    return await span.within(() => work(span));
  } catch (thrown) {
    span.fail(asOffstageError(thrown).code);
    throw thrown;
  } finally {
    span.end();
  }
}
