import type { Origin } from "../../contract/origin.ts";
import { ATTEMPT_HEADER, RUN_HEADER, RUN_ID } from "../../contract/run-mark.ts";
import type { Identity } from "./authenticate.ts";

const ATTEMPT = /^[1-9]\d{0,5}$/;
const MAX_CLIENT_CHARS = 200;

/** What every browser calls itself first. */
const BROWSER = "Mozilla/";

/** Who or what sent a request, by its credential and what it says of itself. `header` reads one of the request's. */
export function originOf(identity: Identity, header: (name: string) => string | undefined): Origin {
  const runId = header(RUN_HEADER);
  const attempt = header(ATTEMPT_HEADER);
  const client = header("user-agent");
  const isRun = runId !== undefined && RUN_ID.test(runId);
  const { apiKey } = identity;
  return {
    kind: kindOf(isRun, apiKey !== null, client),
    ...(apiKey ? { api_key: { id: apiKey.id, name: apiKey.name, prefix: apiKey.prefix } } : {}),
    ...(client ? { client: client.slice(0, MAX_CLIENT_CHARS) } : {}),
    ...(isRun ? { run_id: runId } : {}),
    ...(isRun && attempt !== undefined && ATTEMPT.test(attempt) ? { attempt: Number(attempt) } : {}),
  };
}

function kindOf(isRun: boolean, hasKey: boolean, client: string | undefined): Origin["kind"] {
  if (isRun) return "program";
  if (hasKey) return "api_key";
  return client?.startsWith(BROWSER) ? "person" : "program";
}
