import { readFileSync } from "node:fs";

/** One recorded exchange with a real server. */
export interface RecordedExchange {
  step?: string;
  request: { method: string; path: string; body: unknown };
  response: { status: number; headers?: Record<string, string>; content_type?: string; body: unknown };
}

/** One recorded socket.io event. */
export interface RecordedEvent {
  tab?: string;
  client?: string;
  event: string;
  args: unknown[];
}

/** A recording of `test/fixtures/recordings`, such as `0.6.15/10_step1_new`. */
export function readRecording<Recording>(name: string): Recording {
  const file = new URL(`../fixtures/recordings/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(file, "utf8"));
}

/** The only exchange of a recording, or the one of a named step. */
export function recordedExchange(name: string, step?: string): RecordedExchange {
  const recording = readRecording<RecordedExchange | RecordedExchange[]>(name);
  const found = Array.isArray(recording) ? recording.find((exchange) => exchange.step === step) : recording;
  if (!found) throw new Error(`${name} has no step "${step}"`);
  return found;
}

/** A recorded answer as `fetch` gives it. */
export function recordedResponse(name: string, step?: string): Response {
  const { response } = recordedExchange(name, step);
  const type = response.headers?.["content-type"] ?? response.content_type ?? "application/json";
  const text = type.startsWith("application/json") ? JSON.stringify(response.body) : String(response.body);
  return new Response(text, { status: response.status, headers: { "content-type": type } });
}
