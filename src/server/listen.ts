import type { Server as HttpServer } from "node:http";
import { OffstageError } from "../errors.ts";

/** The address of a wildcard host, as this machine reaches it. */
export function localHost(host: string): string {
  if (host === "0.0.0.0" || host === "::" || host === "localhost") return "127.0.0.1";
  return host.includes(":") ? `[${host}]` : host;
}

/** Resolves with the port. @throws OffstageError `unavailable` where it cannot be had */
export function listen(server: HttpServer, { host, port }: { host: string; port: number }): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const why = error.code === "EADDRINUSE" ? "something else listens there" : error.message;
      reject(new OffstageError("unavailable", `Cannot listen on ${host}:${port}: ${why}.`, { cause: error }));
    });
    server.listen(port, host, () => resolve((server.address() as { port: number }).port));
  });
}
