import type { LiveEvent } from "../client/open-webui-client.ts";
import { tellDelta, tellReasoning } from "./answer-progress.ts";
import type { Run } from "./run.ts";

/** Hears of the run's chat by the live connection: text is told on, and everything else wakes the run to look. */
export function listenLive(run: Run): void {
  run.leaveLive ??= run.context.live.listen((event) => hear(run, event));
}

function hear(run: Run, event: LiveEvent): void {
  if (event.type === "connected" || event.type === "closed") {
    run.liveConnected = event.type === "connected";
    run.wakeAll();
    return;
  }
  if (event.chatId !== run.chatId) return;
  const answer =
    "messageId" in event ? run.answers.find(({ messageId }) => messageId === event.messageId) : undefined;
  if (answer === undefined) {
    run.wakeAll();
    return;
  }
  switch (event.type) {
    case "answer-delta":
      tellDelta(run, answer, event.delta, event.snapshot);
      break;
    case "answer-usage":
      answer.usage = event.usage;
      break;
    case "answer-sources":
      answer.sources = event.sources;
      break;
    case "answer-finished":
      answer.finishedText = event.text ?? answer.finishedText;
      answer.waker.wake();
      break;
    case "answer-reasoning":
      tellReasoning(run, answer, event.snapshot);
      break;
    case "answer-status":
      break;
    default:
      answer.waker.wake();
  }
}
