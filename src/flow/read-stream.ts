import type { CompletionEvent } from "../contract/observed-event.ts";
import { tellDelta, tellReasoning } from "./answer-progress.ts";
import type { AnswerRun, Run } from "./run.ts";

/** Follows a streamed reply beside the run and wakes it at the end. How it ends decides nothing: the chat does. */
export function readStream(run: Run, answer: AnswerRun, events: AsyncIterable<CompletionEvent>): void {
  const { messageId } = answer;
  const isCurrent = () => answer.messageId === messageId;
  const follow = async () => {
    let text = "";
    let failed = false;
    for await (const event of events) {
      if (!isCurrent()) return;
      answer.usage = event.usage ?? answer.usage;
      answer.sources = event.sources ?? answer.sources;
      failed ||= event.error !== null;
      tellReasoning(run, answer, answer.reasoning + event.reasoning);
      if (event.text === "") continue;
      text += event.text;
      tellDelta(run, answer, event.text, text);
    }
    if (!failed && isCurrent()) answer.finishedText = text;
  };
  answer.streaming = true;
  const over = () => {
    if (!isCurrent()) return;
    answer.streaming = false;
    answer.waker.wake();
  };
  follow().then(over, over);
}
