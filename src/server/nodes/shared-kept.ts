import type { Logger } from "pino";
import type { NodeLink } from "./node-link.ts";

/** Something that is kept in the database and, of what is there, in memory. */
interface Kept {
  keep(...change: never[]): Promise<void>;
  read(): Promise<void>;
}

/** A keeper whose changes the other nodes read, and which reads theirs. `name` tells keepers apart. */
export function shareKept<Keeper extends Kept>(
  keeper: Keeper,
  { name, link, log }: { name: string; link: NodeLink; log: Logger },
): Keeper {
  const read = () => {
    keeper
      .read()
      .catch((error: unknown) => log.warn({ err: error, name }, "settings could not be read again"));
  };
  link.on("setting-changed", (changed) => {
    if (changed.name === name) read();
  });
  link.onGap(read);
  return new Proxy(keeper, {
    get: (target, property) =>
      property === "keep"
        ? async (...change: never[]) => {
            await target.keep(...change);
            link.tell({ type: "setting-changed", name });
          }
        : Reflect.get(target, property),
  });
}
