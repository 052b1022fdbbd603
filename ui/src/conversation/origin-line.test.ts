import { expect, it } from "vitest";
import type { WireOrigin } from "../api/shapes.ts";
import { originLine } from "./origin-line.ts";

const api_key = { id: "k", name: "Nightly report", prefix: "sk-12" };

it.each<[WireOrigin | null, string]>([
  [null, ""],
  [{ kind: "person", client: "Mozilla/5.0 (X11; Linux x86_64)" }, ""],
  [{ kind: "api_key", api_key, client: "curl/8.5.0" }, "by API key Nightly report"],
  [
    { kind: "program", client: "offstage", run_id: "3f2a91c0-11aa", attempt: 2 },
    "by a run of offstage 3f2a91c0",
  ],
  [{ kind: "program", api_key, client: "nightly/2 (x)", run_id: "r" }, "by a run of nightly r"],
  [{ kind: "program", client: "python-requests/2.31" }, "by python-requests"],
  [{ kind: "program" }, "by a program"],
  [{ kind: "program", client: "(odd)" }, "by a program"],
])("what started a turn is said in few words: %j", (origin, line) => {
  expect(originLine(origin)).toBe(line);
});
