import { randomUUID } from "node:crypto";
import type { ConformanceCase } from "./conformance-case.ts";
import { unlinkedCompletion } from "./probe-chat.ts";
import { describeReply, valueAt } from "./probe-http.ts";

const API_KEY = "/api/v1/auths/api_key";

/** What a server has, found without a finished answer. */
export const serverCases: ConformanceCase[] = [
  {
    name: "link_parent",
    capability: "link_parent",
    question: "Do completions understand parent_id?",
    run: async (probe) => ({
      value: (await probe.capabilities()).linkParent,
      evidence: `GET users/user/status: ${describeReply(await probe.call("GET", "/api/v1/users/user/status"))}`,
    }),
  },
  {
    name: "link_message",
    capability: "link_message",
    question: "Do completions understand parent_message?",
    run: async (probe) => {
      const reply = await probe.call("GET", `/api/v1/knowledge/${randomUUID()}/files`);
      return {
        value: (await probe.capabilities()).linkMessage,
        evidence: `GET knowledge/{unknown}/files: ${describeReply(reply)}`,
      };
    },
  },
  {
    name: "server_turns",
    capability: "server_turns",
    question: "Does the server manage whole turns: one call, stop per chat?",
    run: async (probe) => {
      const reply = await probe.call("POST", `/api/tasks/chat/${randomUUID()}/stop`);
      return {
        value: (await probe.capabilities()).serverTurns,
        evidence: `POST tasks/chat/{unknown}/stop: ${describeReply(reply)}`,
      };
    },
  },
  {
    name: "unknown_chat_refused",
    capability: "chat_access_checked",
    question: "Is a completion for a chat that is not there refused?",
    run: async (probe) => {
      const nowhere = {
        chatId: randomUUID(),
        userId: randomUUID(),
        answerId: randomUUID(),
        question: "Say yes.",
        created: null,
      };
      const reply = await probe.call("POST", "/api/chat/completions", {
        body: unlinkedCompletion(probe, nowhere),
      });
      return { value: reply.status >= 400, evidence: describeReply(reply) };
    },
  },
  {
    name: "stateless_ok",
    capability: "stateless_ok",
    question: "Is a completion without a chat answered?",
    run: async (probe) => {
      const body = { model: probe.model, stream: false, messages: [{ role: "user", content: "Say yes." }] };
      const reply = await probe.call("POST", "/api/chat/completions", { body });
      const isAnswered = reply.status === 200 && Array.isArray(valueAt(reply.body, "choices"));
      return { value: isAnswered, evidence: describeReply(reply) };
    },
  },
  {
    name: "api_keys",
    capability: "api_keys",
    question: "May this user have an API key?",
    run: async (probe) => {
      const present = await probe.call("GET", API_KEY);
      // Making a key would replace the user's own, so nothing is made unless it is sure that there is none.
      if (present.status === 200) return { value: true, evidence: "the user has one" };
      if (present.status !== 404) {
        const evidence = `GET auths/api_key: ${present.status}`;
        return present.status === 403 || present.status === 401
          ? { value: false, evidence }
          : {
              skipped: `${evidence}: it is not sure that the user has no key, which a new one would replace`,
            };
      }
      const made = await probe.call("POST", API_KEY);
      if (made.status !== 200) return { value: false, evidence: describeReply(made) };
      const removed = await probe.call("DELETE", API_KEY);
      return { value: true, evidence: `made one (${made.status}), deleted it (${removed.status})` };
    },
  },
];
