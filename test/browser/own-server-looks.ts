import type { Look } from "./look.ts";

/** What web UIs do on our server beyond what every look proves. */
export const OWN_SERVER_LOOKS: Readonly<Record<string, Look>> = {};
