import type { AnswerRegistry, RunningAnswer } from "../answers/answer-registry.ts";
import type { NodeLink } from "./node-link.ts";
import type { AnswerFacts } from "./node-message.ts";
import { RemoteAnswer } from "./remote-answer.ts";

function factsOf(answer: RunningAnswer): AnswerFacts {
  const { taskId, chatId, messageId, userId, model, beganAtMs } = answer;
  return { taskId, chatId, messageId, userId, model, beganAtMs, fingerprint: answer.fingerprint() };
}

/**
 * A registry that tells the other nodes which answers are made here, does for them what they ask of these, and has theirs,
 * too. What is added to it is made here.
 */
export function shareAnswers(registry: AnswerRegistry, link: NodeLink): AnswerRegistry {
  function remoteOf(taskId: string): RemoteAnswer | undefined {
    const answer = registry.ofTask(taskId);
    return answer instanceof RemoteAnswer ? answer : undefined;
  }

  function addRemote(facts: AnswerFacts, nodeId: string): void {
    if (!registry.ofTask(facts.taskId)) registry.add(new RemoteAnswer(facts, nodeId, link));
  }

  function settleRemote(taskId: string): void {
    const answer = remoteOf(taskId);
    if (!answer) return;
    registry.remove(answer);
    answer.settle();
  }

  function settleAllOf(nodeId: string, except: ReadonlySet<string> = new Set()): void {
    for (const answer of registry.allElsewhere()) {
      if (remoteOf(answer.taskId)?.nodeId === nodeId && !except.has(answer.taskId))
        settleRemote(answer.taskId);
    }
  }

  /** Tells a node all that is to come of an answer. */
  function tellAll(answer: RunningAnswer, nodeId: string): void {
    const { taskId } = answer;
    link.tellNode(nodeId, { type: "answer-followed", taskId, snapshot: answer.snapshot() });
    answer.sinks.add((events) => {
      const data = events.map((event) => event.data || JSON.stringify(event.chunk));
      link.tellNode(nodeId, { type: "answer-events", taskId, data });
    });
    answer.upstream.then((upstream) => link.tellNode(nodeId, { type: "answer-upstream", taskId, upstream }));
    answer.ended.then((outcome) => link.tellNode(nodeId, { type: "answer-ended", taskId, outcome }));
  }

  /** Does something with an answer that is made here; who asks for another is told that it is over. */
  function withOwn(taskId: string, nodeId: string, work: (answer: RunningAnswer) => void): void {
    const answer = registry.ofTask(taskId);
    if (answer && !answer.isElsewhere) work(answer);
    else link.tellNode(nodeId, { type: "answer-settled", taskId });
  }

  link.introduce(() => ({ type: "answers", list: registry.allHere().map(factsOf) }));
  link.on("answers", ({ list }, nodeId) => {
    settleAllOf(nodeId, new Set(list.map(({ taskId }) => taskId)));
    for (const facts of list) addRemote(facts, nodeId);
  });
  link.on("answer-began", ({ answer }, nodeId) => addRemote(answer, nodeId));
  link.on("answer-settled", ({ taskId }) => settleRemote(taskId));
  link.on("answer-upstream", ({ taskId, upstream }) => remoteOf(taskId)?.takeUpstream(upstream));
  link.on("answer-events", ({ taskId, data }) => remoteOf(taskId)?.takeEvents(data));
  link.on("answer-ended", ({ taskId, outcome }) => remoteOf(taskId)?.takeEnded(outcome));
  link.on("answer-followed", ({ taskId, snapshot }) => remoteOf(taskId)?.takeFollowed(snapshot));
  link.on("answer-seen", ({ taskId, snapshot }) => remoteOf(taskId)?.takeSeen(snapshot));
  link.on("answer-stop", ({ taskId }, nodeId) => withOwn(taskId, nodeId, (answer) => answer.stop()));
  link.on("answer-follow", ({ taskId }, nodeId) =>
    withOwn(taskId, nodeId, (answer) => tellAll(answer, nodeId)),
  );
  link.on("answer-look", ({ taskId }, nodeId) =>
    withOwn(taskId, nodeId, (answer) =>
      answer.show((snapshot) => link.tellNode(nodeId, { type: "answer-seen", taskId, snapshot })),
    ),
  );
  link.onGone((nodeId) => settleAllOf(nodeId));

  return {
    ...registry,
    add(answer) {
      registry.add(answer);
      if (link.hasPeers()) link.tell({ type: "answer-began", answer: factsOf(answer) });
    },
    remove(answer) {
      registry.remove(answer);
      // After its end, which those who follow it are told.
      answer.settled.then(() => link.tell({ type: "answer-settled", taskId: answer.taskId }));
    },
    forget(taskId) {
      settleRemote(taskId);
      link.tell({ type: "answer-settled", taskId });
    },
    get isClosed() {
      return registry.isClosed;
    },
  };
}
