import { DOCUMENT_LOOKS } from "./document-looks.ts";
import { LIVE_LOOKS } from "./live-looks.ts";
import type { Look } from "./look.ts";
import { SHOWN_LOOKS } from "./shown-looks.ts";

/** All looks by the sentence that each one proves. Each can be taken alone, but then nothing is usual for the web UI. */
export const LOOKS: Readonly<Record<string, Look>> = { ...SHOWN_LOOKS, ...DOCUMENT_LOOKS, ...LIVE_LOOKS };
