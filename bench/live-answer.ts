/** A socket event about a message, in either of the two names that Open WebUI's versions give it. */
export interface WireEvent {
  chat_id?: string;
  message_id?: string;
  data?: { type?: string; data?: unknown };
}

/** What a page would show of one answer, put together from its events. */
export interface LiveAnswer {
  readonly text: string;
  /** When the text first grew, and the longest time between two growths. NaN and 0 before. */
  readonly firstTextAtMs: number;
  readonly largestGapMs: number;
  /** When the done event came, or null. */
  readonly doneAtMs: number | null;
  /** What the server says went wrong, as text, or null. */
  readonly error: string | null;
  /** Takes one event; those about other messages change nothing. */
  take(event: WireEvent, nowMs: number): void;
}

interface CompletionData {
  content?: unknown;
  done?: unknown;
  error?: unknown;
  choices?: { delta?: { content?: unknown } }[];
}

export function createLiveAnswer(messageId: string): LiveAnswer {
  let text = "";
  let firstTextAtMs = Number.NaN;
  let lastTextAtMs = Number.NaN;
  let largestGapMs = 0;
  let doneAtMs: number | null = null;
  let error: string | null = null;

  function show(next: string, nowMs: number): void {
    if (next === text) return;
    if (text === "") firstTextAtMs = nowMs;
    else largestGapMs = Math.max(largestGapMs, nowMs - lastTextAtMs);
    lastTextAtMs = nowMs;
    text = next;
  }

  return {
    get text() {
      return text;
    },
    get firstTextAtMs() {
      return firstTextAtMs;
    },
    get largestGapMs() {
      return largestGapMs;
    },
    get doneAtMs() {
      return doneAtMs;
    },
    get error() {
      return error;
    },
    take(event, nowMs) {
      if (event.message_id !== messageId) return;
      const { type, data } = event.data ?? {};
      const completion = (data ?? {}) as CompletionData;
      const delta = completion.choices?.[0]?.delta?.content;
      const { content } = completion;
      if (type === "chat:message:delta" || type === "message") {
        if (typeof content === "string") show(text + content, nowMs);
      } else if (type === "chat:completion" || type === "chat:message" || type === "replace") {
        if (typeof content === "string") show(content, nowMs);
        else if (typeof delta === "string") show(text + delta, nowMs);
        if (completion.error) error = JSON.stringify(completion.error);
        if (completion.done === true) doneAtMs = nowMs;
      }
    },
  };
}
