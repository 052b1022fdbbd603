import type { Look } from "./look.ts";
import { OWN_LIST_LOOKS } from "./own-list-looks.ts";
import { PAGE_APP_LOOKS } from "./page-app-looks.ts";
import { PAGE_CHAT_LOOKS } from "./page-chat-looks.ts";
import { PAGE_COMPOSER_LOOKS } from "./page-composer-looks.ts";
import { PAGE_FOLDER_LOOKS } from "./page-folder-looks.ts";
import { PAGE_KNOWLEDGE_LOOKS } from "./page-knowledge-looks.ts";
import { PAGE_LIST_LOOKS } from "./page-list-looks.ts";
import { PAGE_MODEL_LOOKS } from "./page-model-looks.ts";

/** What people do in the pages every day. Each holds on the real servers too, so that what is exchanged can be compared. */
export const PAGE_LOOKS: Readonly<Record<string, Look>> = {
  ...OWN_LIST_LOOKS,
  ...PAGE_CHAT_LOOKS,
  ...PAGE_LIST_LOOKS,
  ...PAGE_FOLDER_LOOKS,
  ...PAGE_KNOWLEDGE_LOOKS,
  ...PAGE_COMPOSER_LOOKS,
  ...PAGE_MODEL_LOOKS,
  ...PAGE_APP_LOOKS,
};
