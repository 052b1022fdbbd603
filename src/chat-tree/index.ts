export { deriveChildren, type ParentedMessage } from "./derive-children.ts";
export {
  ancestry,
  branch,
  deepestDescendant,
  type Forest,
  type ForestMessage,
  forestOfHistory,
  linearMessages,
  siblingsOf,
  type UncheckedForest,
} from "./forest.ts";
export {
  addMessages,
  appendAnswers,
  appendSibling,
  appendTurn,
  type NewMessage,
  type NewTurn,
} from "./grow-forest.ts";
export { type MergeOptions, type MergePlan, mergePost, type StoredForest } from "./merge-post.ts";
export { normaliseNewChat } from "./new-chat.ts";
export { type PostedForest, type PostedMessage, parsePostedForest } from "./posted-chat.ts";
export type { MessageFacts } from "./revise-message.ts";
export { assertForest, type Problem, type ProblemCode, validateForest } from "./validate-forest.ts";
