import { deepEqual } from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { idNamesIn, idsIn, replaceIdNames, replaceIds, type TapedCall, withoutTimes } from "./tape.ts";

/** What the client sends, as far as it is compared. */
export type LiveCall = Pick<TapedCall, "method" | "path" | "body">;

/** Which id of this run is which of the recording: each learnt where it occurs first. */
export class TapeIds {
  readonly #nameOf = new Map<string, string>();
  readonly #idOf = new Map<string, string>();

  /** Whether the two paths are the same but for ids that are not known yet. */
  fitsPath(live: LiveCall, taped: TapedCall): boolean {
    return live.method === taped.method && this.#pair(live.path, taped.path) !== null;
  }

  /** Whether the two calls are the same; if so, their ids are the same from now on. */
  learn(live: LiveCall, taped: TapedCall): boolean {
    const pairs = this.#pair(textOf(live), textOf(taped));
    if (pairs === null) return false;
    for (const [id, name] of pairs) {
      this.#nameOf.set(id, name);
      this.#idOf.set(name, id);
    }
    return true;
  }

  /** A value of the recording with this run's ids; one that the server made gets one here. */
  revive<Value>(value: Value): Value {
    if (value === undefined) return value;
    const text = replaceIdNames(JSON.stringify(value), (name) => {
      const id = this.#idOf.get(name) ?? randomUUID();
      this.#idOf.set(name, id);
      this.#nameOf.set(id, name);
      return id;
    });
    return JSON.parse(text) as Value;
  }

  /** @throws AssertionError which shows how the calls differ, known ids by their names. */
  assertSame(live: LiveCall, taped: TapedCall): void {
    const named = replaceIds(textOf(live), (id) => this.#nameOf.get(id) ?? id);
    deepEqual(JSON.parse(named), JSON.parse(textOf(taped)));
  }

  /** The ids of `live` beside the names at the same places of `taped`; null where the texts are not the same then. */
  #pair(live: string, taped: string): Map<string, string> | null {
    const ids = idsIn(live);
    const names = idNamesIn(taped);
    if (ids.length !== names.length) return null;
    const pairs = new Map<string, string>();
    for (const [index, id] of ids.entries()) {
      const name = names[index]!;
      const knownName = this.#nameOf.get(id) ?? pairs.get(id);
      if (knownName === undefined ? this.#idOf.has(name) : knownName !== name) return null;
      pairs.set(id, name);
    }
    if (new Set(pairs.values()).size !== pairs.size) return null;
    return replaceIds(live, (id) => pairs.get(id)!) === taped ? pairs : null;
  }
}

function textOf({ method, path, body }: LiveCall): string {
  return JSON.stringify(withoutTimes({ method, path, body }));
}
