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
  /** One after the other, so that what was read earlier is never put in place later. */
  let last: Promise<unknown> = Promise.resolve();
  const next = (work: () => Promise<void>): Promise<void> => {
    const done = last.then(work);
    last = done.catch(() => {});
    return done;
  };
  const read = () => {
    next(() => keeper.read()).catch((error: unknown) =>
      log.warn({ err: error, name }, "settings could not be read again"),
    );
  };
  link.on("setting-changed", (changed) => {
    if (changed.name === name) read();
  });
  link.onGap(read);
  return new Proxy(keeper, {
    get: (target, property) =>
      property === "keep"
        ? async (...change: never[]) => {
            await next(() => target.keep(...change));
            link.tell({ type: "setting-changed", name });
          }
        : Reflect.get(target, property),
  });
}
