import { decodeError } from "../contract/answer-decoding.ts";
import type { CaseOutcome, ConformanceCase, Probe } from "./conformance-case.ts";
import { complete, linkedCompletion, watchAnswer } from "./probe-chat.ts";
import { valueAt } from "./probe-http.ts";

/** An answer whose provider fails as the directives say. Asked once a run for each. */
function failedAnswer(probe: Probe, directives: string) {
  return probe.once(`failed ${directives}`, async () => {
    const chat = await probe.createChat(directives);
    const reply = await complete(probe, await linkedCompletion(probe, chat));
    return { ...(await watchAnswer(probe, chat)), status: reply.status };
  });
}

type FailedAnswer = Awaited<ReturnType<typeof failedAnswer>>;

const outcomeOf = ({ message, text, status }: FailedAnswer) =>
  `status ${status}, ${decodeError(message.error) ? "an error" : "no error"}, done ${JSON.stringify(message.done)}, ${text.length} characters`;

function faultCase(
  row: Pick<ConformanceCase, "name" | "capability" | "question"> & {
    directives: string;
    judge: (answer: FailedAnswer) => CaseOutcome;
  },
): ConformanceCase {
  return {
    ...row,
    run: async (probe) =>
      probe.steerable
        ? row.judge(await failedAnswer(probe, row.directives))
        : { skipped: "nobody can make this model's provider fail; needs a provider that can be steered" },
  };
}

const hasError = (answer: FailedAnswer): CaseOutcome => ({
  value: decodeError(answer.message.error) !== null,
  evidence: outcomeOf(answer),
});

const REFUSED = "[[status=500]]";

/** What is left of answers that fail. */
export const faultCases: ConformanceCase[] = [
  {
    name: "refusal_stored",
    question: "Is an error stored when the provider answers 500?",
    directives: REFUSED,
    judge: hasError,
  },
  {
    name: "broken_stream_stored",
    question: "Is an error stored when the provider's stream breaks?",
    directives: "[[tokens=10]] [[abort=5]]",
    judge: hasError,
  },
  {
    name: "error_chunk_stored",
    question: "Is an error stored that comes inside the provider's stream?",
    directives: "[[tokens=10]] [[sseerror=5]]",
    judge: hasError,
  },
  {
    name: "early_end_stored",
    question: "Is an error stored when the stream ends without [DONE]?",
    directives: "[[tokens=10]] [[nodone=5]]",
    judge: hasError,
  },
]
  .map((row) => faultCase({ capability: "errors_stored", ...row }))
  .concat(
    faultCase({
      name: "error_marks_done",
      capability: "error_marks_done",
      question: "Is a failed answer marked as done?",
      directives: REFUSED,
      judge: (answer) => ({ value: answer.message.done === true, evidence: outcomeOf(answer) }),
    }),
    faultCase({
      name: "error_shape",
      capability: "error_shape",
      question: "Is a stored error's content a string or an object?",
      directives: REFUSED,
      judge: ({ message }) => ({
        value: typeof valueAt(message.error, "content"),
        evidence: JSON.stringify(message.error ?? null).slice(0, 120),
      }),
    }),
    faultCase({
      name: "empty_answer_done",
      capability: "server_done",
      question: "Is an answer without text marked as done?",
      directives: "[[empty]]",
      judge: (answer) => ({ value: answer.message.done === true, evidence: outcomeOf(answer) }),
    }),
  );
