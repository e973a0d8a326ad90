import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";

export interface TestServer extends AsyncDisposable {
  /** Without a slash at the end. */
  readonly origin: string;
  readonly port: number;
}

/** Serves on a free port of the loopback address. */
export async function startServer(listener: RequestListener): Promise<TestServer> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    origin: `http://127.0.0.1:${port}`,
    port,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
