import mammoth from "mammoth";
import type { ExtractedDocument } from "../document.ts";
import { extractFragment } from "./html.ts";

/** A Word document: its headings by their styles, lists, tables, and text without pictures. */
export async function extractDocx(bytes: Buffer): Promise<ExtractedDocument> {
  const withoutPictures = mammoth.images.imgElement(async () => ({ src: "" }));
  const { value } = await mammoth.convertToHtml(
    { buffer: bytes },
    { convertImage: withoutPictures, styleMap: ["p[style-name='Title'] => h1:fresh"] },
  );
  const blocks = extractFragment(value);
  return { title: blocks.find(({ level }) => level === 1)?.text ?? null, blocks, pageCount: null };
}
