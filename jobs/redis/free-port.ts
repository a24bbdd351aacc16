import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * A TCP port that nobody listens on, on an address of this machine. It is below those that Linux gives to outgoing
 * connections (32768 and up), and drawn by lot: so nobody else takes it before the caller does.
 */
export async function freePort(host = '127.0.0.1'): Promise<number> {
  for (;;) {
    const port = randomInt(10_000, 32_768);
    if (await isFree(host, port)) return port;
  }
}

/** Throws where it is not the port that is in the way, such as for an address of another machine. */
function isFree(host: string, port: number): Promise<boolean> {
  return new Promise((done, fail) => {
    const server = createServer()
      .once('error', (cause: NodeJS.ErrnoException) =>
        cause.code === 'EADDRINUSE' ? done(false) : fail(cause),
      )
      .listen(port, host, () => server.close(() => done(true)));
  });
}
