import type { Look } from "./look.ts";
import { OWN_SERVER_LOOKS } from "./own-server-looks.ts";

/** What people do in the pages every day. Each holds on the real servers too, so that what is exchanged can be compared. */
export const PAGE_LOOKS: Readonly<Record<string, Look>> = { ...OWN_SERVER_LOOKS };
