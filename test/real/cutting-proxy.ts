import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** Stands between a client and a server, and passes on every byte until it is told to cut. */
export interface CuttingProxy {
  url: string;
  /** Cuts every websocket that is open, lets no new one through, and answers how many there were. */
  cutSockets(): number;
  close(): Promise<void>;
}

/** Starts a proxy on 127.0.0.1 in front of the server at `baseUrl`. */
export async function startCuttingProxy(baseUrl: string): Promise<CuttingProxy> {
  const { hostname, port } = new URL(baseUrl);
  const open = new Set<Socket>();
  const websockets = new Set<Socket>();
  let refusing = false;
  const server = createServer((socket) => {
    const upstream = connect(Number(port), hostname);
    open.add(socket);
    // What either end breaks, both ends see.
    socket.on("error", () => upstream.destroy());
    upstream.on("error", () => socket.destroy());
    socket.on("close", () => {
      open.delete(socket);
      websockets.delete(socket);
      upstream.destroy();
    });
    socket.on("data", (part: Buffer) => {
      if (!/^upgrade: websocket/im.test(part.toString("latin1"))) return;
      if (refusing) socket.destroy();
      else websockets.add(socket);
    });
    socket.pipe(upstream).pipe(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cutSockets() {
      refusing = true;
      const { size } = websockets;
      for (const socket of websockets) socket.destroy();
      return size;
    },
    async close() {
      const closed = once(server, "close");
      server.close();
      for (const socket of open) socket.destroy();
      await closed;
    },
  };
}
