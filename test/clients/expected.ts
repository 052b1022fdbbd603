import type { Expectations } from "./expectation.ts";
import { OPEN_WEBUI_CLIENTS } from "./expected-open-webui.ts";
import { OPENAI_CLIENTS } from "./expected-openai.ts";
import { OWUI_CLIENT } from "./expected-owui.ts";

/** Client → area → what is expected of it. */
export const EXPECTED: Readonly<Record<string, Expectations>> = {
  ...OPENAI_CLIENTS,
  ...OPEN_WEBUI_CLIENTS,
  ...OWUI_CLIENT,
};
