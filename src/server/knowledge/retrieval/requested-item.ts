import type { FileReference } from "../../../contract/chat.ts";

/** A content that belongs to an item, under the name of the file that holds it. */
export interface RequestedContent {
  contentId: string;
  fileId: string;
  name: string;
  /** SHA-256 of the bytes, hex. */
  hash: string;
  /** Set where the request brought the text itself: it is not searched, but goes along as it is. */
  inlineText?: string;
}

/** An item of a completion's `files` as it was sent, and what stands behind it. */
export interface RequestedItem {
  item: FileReference;
  contents: RequestedContent[];
}
