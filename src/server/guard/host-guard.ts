import { isIP } from "node:net";
import { OffstageError } from "../../errors.ts";

const LOOPBACK = /^(127\.\d+\.\d+\.\d+|::1|localhost)$/;

/** Whether an address or host is this machine's own and reached from nowhere else. */
export function isLoopback(host: string): boolean {
  return LOOPBACK.test(host.replace(/^::ffff:/, ""));
}

/** The name in a `Host` header, without port and brackets. */
function hostName(header: string): string {
  const name = header.trim().toLowerCase();
  return name.startsWith("[") ? name.slice(1, name.indexOf("]")) : name.replace(/:\d*$/, "");
}

/**
 * Refuses requests that ask for a name which is not this server's. A page of a stranger can point its own name at this
 * machine (DNS rebinding), but cannot name another host in its requests. Without a list of names a server on loopback
 * answers to addresses, `localhost` and `*.localhost`, any other server to all names.
 * What it returns throws OffstageError `forbidden` for a foreign name.
 */
export function createHostGuard(config: {
  host: string;
  allowedHosts: readonly string[];
}): (header: string | undefined) => void {
  const allowed = new Set(config.allowedHosts.map((name) => name.toLowerCase()));
  if (allowed.size === 0 && !isLoopback(config.host)) return () => {};
  /** The last that was this server's: nearly all requests send the same. */
  let known: string | undefined;
  return (header) => {
    // Browsers always send one; who speaks HTTP/1.0 by hand needs no name.
    if (header === undefined || header === known) return;
    const name = hostName(header);
    if (isIP(name) !== 0 || name === "localhost" || name.endsWith(".localhost") || allowed.has(name)) {
      known = header;
      return;
    }
    throw new OffstageError(
      "forbidden",
      `This server does not answer to the name "${name.slice(0, 253)}". If it is yours, for example behind a reverse proxy, start the server with it in OFFSTAGE_ALLOWED_HOSTS.`,
    );
  };
}
