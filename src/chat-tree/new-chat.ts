import type { PostedChat } from "../contract/chat.ts";
import type { Forest } from "./forest.ts";
import { mergePost } from "./merge-post.ts";
import { parsePostedForest } from "./posted-chat.ts";

/**
 * The valid forest that a chat posted to `chats/new` holds. Missing links, `model` and `currentId` are filled in: the
 * first message is the root, each next one stands under the former, an assistant's under the user message before it;
 * the current message is the one named, else the last.
 * @throws bad_input for a cycle, an unknown parent, an id given twice, or a message without a role.
 */
export function normaliseNewChat(chat: PostedChat, options: { newId: () => string }): Forest {
  const nothing = { messages: new Map(), currentId: null, facts: new Map() };
  return mergePost(nothing, parsePostedForest(chat, options)).forest;
}
