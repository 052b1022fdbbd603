import { AnswerExchanges } from "../../contract/journal.ts";
import { readExchanges } from "../use-cases/read-exchanges.ts";
import { defineRoute, json, type Route } from "./route.ts";

export const exchangeRoutes: Route[] = [
  defineRoute({
    method: "GET",
    path: "/api/v1/chats/:id/messages/:messageId/exchanges",
    summary:
      "How an answer was made: who asked and how, the steps as the server saw them, the exchanges with its provider and the searches, without secrets.",
    tag: "chats",
    access: "user",
    answer: AnswerExchanges,
    handle: async ({ context, identity, params }) =>
      json(await readExchanges(context, identity.user, { chatId: params.id!, messageId: params.messageId! })),
  }),
];
