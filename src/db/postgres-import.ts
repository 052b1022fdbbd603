import { OffstageError } from "../errors.ts";

/**
 * pg, loaded when a PostgreSQL is first named: who stays with SQLite does not install it.
 * @throws OffstageError `unavailable` if it is not installed
 */
export async function importPg(): Promise<Pick<typeof import("pg"), "Pool" | "Client">> {
  try {
    return (await import("pg")).default;
  } catch (cause) {
    throw new OffstageError(
      "unavailable",
      "PostgreSQL needs the package pg, which is not installed or does not load here. Run `npm i pg`, or unset DATABASE_URL to use SQLite.",
      { cause, retryable: false },
    );
  }
}
