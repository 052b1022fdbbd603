import { decodeError } from "../contract/answer-decoding.ts";
import { contentText } from "../contract/content-text.ts";
import { OffstageError } from "../errors.ts";
import type { ConformanceCase, Probe, ProbeChat } from "./conformance-case.ts";
import { type HeardEvent, listen } from "./heard-events.ts";
import { complete, currentBranch, linkedCompletion, type WatchedAnswer, watchAnswer } from "./probe-chat.ts";
import { describeReply, valueAt } from "./probe-http.ts";

interface WatchedTurn extends WatchedAnswer {
  chat: ProbeChat;
  /** Events of this chat; null where the server does not know whose to send to this token. */
  heard: HeardEvent[] | null;
}

/** A turn with every field that this server needs, watched by looks and by a listener. Asked once a run. */
function watchedTurn(probe: Probe): Promise<WatchedTurn> {
  return probe.once("watched turn", async () => {
    const listener = await listen(probe, probe.signal);
    try {
      const chat = await probe.createChat(
        probe.steerable ? "[[tokens=24]] [[delay=40]]" : "Name the seven days of the week, one a line.",
      );
      const reply = await complete(probe, await linkedCompletion(probe, chat));
      const watched = await watchAnswer(probe, chat);
      if (watched.text === "") {
        const said = decodeError(watched.message.error)?.content ?? describeReply(reply);
        throw new OffstageError("model_failed", `The model gave no text: ${said}. Try another model.`);
      }
      const ofChat = ({ payload }: HeardEvent) => valueAt(payload, "chat_id") === chat.chatId;
      return { ...watched, chat, heard: listener.isKnown ? listener.events.filter(ofChat) : null };
    } finally {
      listener.close();
    }
  });
}

/** In which form an event brings text that is not the end; null where it brings none. */
function payloadForm({ payload }: HeardEvent): string | null {
  const type = valueAt(payload, "data", "type");
  const data = valueAt(payload, "data", "data");
  if (valueAt(data, "done") === true) return null;
  if (type === "message" || type === "chat:message:delta") return "deltas";
  if (type === "response:completion") return "deltas";
  if (type !== "chat:completion") return null;
  if (typeof valueAt(data, "content") === "string") return "cumulative content";
  if (Array.isArray(valueAt(data, "output"))) return "cumulative output";
  return Array.isArray(valueAt(data, "choices")) ? "deltas" : null;
}

/** The form that most events of each name have: now and then a server repeats the whole text between its deltas. */
function usualForms(heard: readonly HeardEvent[]): string[] {
  return Object.values(Object.groupBy(heard, ({ name }) => name)).flatMap((events = []) => {
    const forms = events.map(payloadForm).filter((form) => form !== null);
    const countOf = (form: string) => forms.filter((other) => other === form).length;
    return forms.sort((a, b) => countOf(b) - countOf(a)).slice(0, 1);
  });
}

const NOBODY_LISTENS = "the server does not know whose live events to send: most take no API key there";

const distinct = (words: readonly string[]) => [...new Set(words)].sort().join(" and ");

const tally = (words: readonly string[]) =>
  [...new Set(words)].map((word) => `${words.filter((other) => other === word).length}× ${word}`).join(", ");

/** What one good turn shows. */
export const turnCases: ConformanceCase[] = [
  {
    name: "linked_chain",
    capability: "link_parent",
    question: "With the fields that it needs, does the answer stand under its question?",
    run: async (probe) => {
      const { record, chat } = await watchedTurn(probe);
      const branch = currentBranch(record);
      return {
        value: branch.join() === [chat.userId, chat.answerId].join(),
        evidence: `${branch.length} messages from the root to the current one`,
      };
    },
  },
  {
    name: "text_location",
    capability: "text_location",
    question: "Where does the answer's text stand?",
    run: async (probe) => {
      const { message, text } = await watchedTurn(probe);
      return {
        value: contentText(message.content) === "" ? "output" : "content",
        evidence: `${text.length} characters; ${Array.isArray(message.output) ? "also" : "no"} output[]`,
      };
    },
  },
  {
    name: "server_done",
    capability: "server_done",
    question: "Does the server mark a finished answer as done?",
    run: async (probe) => {
      const { message } = await watchedTurn(probe);
      return { value: message.done === true, evidence: `done is ${JSON.stringify(message.done)}` };
    },
  },
  {
    name: "grows",
    capability: "grows",
    question: "Does the stored chat show the text before it is whole?",
    run: async (probe) => {
      const { text, textsWhileRunning } = await watchedTurn(probe);
      const parts = textsWhileRunning.filter((seen) => seen !== "" && seen.length < text.length);
      if (textsWhileRunning.length < 2) return { skipped: "the answer was there too soon to look before" };
      const evidence = `${parts.length} partial texts in ${textsWhileRunning.length} looks while a task ran`;
      return { value: parts.length > 0, evidence };
    },
  },
  {
    name: "event_name",
    capability: "event_name",
    question: "Under which name do live events come?",
    run: async (probe) => {
      const { heard } = await watchedTurn(probe);
      if (heard === null) return { skipped: NOBODY_LISTENS };
      const names = heard.map(({ name }) => name);
      return { value: distinct(names) || "none", evidence: tally(names) || "no event of the chat came" };
    },
  },
  {
    name: "event_payload",
    capability: "event_payload",
    question: "In which form do live events bring the text?",
    run: async (probe) => {
      const { heard } = await watchedTurn(probe);
      if (heard === null) return { skipped: NOBODY_LISTENS };
      const forms = usualForms(heard);
      if (forms.length === 0) return { skipped: "no event came between the answer's beginning and its end" };
      const types = heard.map(({ name, payload }) => `${name} ${valueAt(payload, "data", "type")}`);
      return { value: distinct(forms), evidence: tally(types) };
    },
  },
];
