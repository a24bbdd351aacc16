import { connect, createServer, type Server, type Socket } from 'node:net';
import { OperatorError } from '../../handlers/contract/errors.ts';

/** A TCP address, or the path of a Unix socket. */
export type SocketPlace = { readonly host: string; readonly port: number } | string;

export interface Forwarder {
  readonly port: number;
  /** Ends every open connection, as a lost link does. */
  readonly cut: () => void;
  /** New connections are refused until `accept`; the open ones live on. */
  readonly refuse: () => Promise<void>;
  readonly accept: () => Promise<void>;
  /** Nothing passes, in either direction and without a word, until `resume`: a pulled cable. */
  readonly stall: () => void;
  readonly resume: () => void;
  readonly close: () => Promise<void>;
}

/** Carries connections that come in at `from` to `to`, until told otherwise. Port 0 takes a free one. */
export async function forwardConnections(from: SocketPlace, to: SocketPlace): Promise<Forwarder> {
  const open = new Set<Socket>();
  let stalled = false;
  const accept = (near: Socket) => {
    const far = connect({ allowHalfOpen: true, ...(typeof to === 'string' ? { path: to } : to) });
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(one);
      one.setNoDelay(true);
      one.on('data', (bytes) => {
        if (!other.write(bytes)) one.pause();
      });
      one.on('drain', () => stalled || other.resume());
      one.on('end', () => other.end());
      one.on('error', () => other.destroy());
      one.on('close', () => {
        open.delete(one);
        other.end(); // what it has still to send goes out first
      });
      if (stalled) one.pause();
    }
  };
  let server: Server | undefined = await listenAt(from, accept);
  const { port } = addressOf(server);
  const shut = async () => {
    const closing = server;
    server = undefined;
    if (closing !== undefined) await stopListening(closing);
  };
  const cut = () => {
    for (const socket of open) socket.destroy();
  };
  return {
    port,
    cut,
    refuse: shut,
    accept: async () => {
      server ??= await listenAt(typeof from === 'string' ? from : { ...from, port }, accept);
    },
    stall: () => {
      stalled = true;
      for (const socket of open) socket.pause();
    },
    resume: () => {
      stalled = false;
      for (const socket of open) socket.resume();
    },
    close: async () => {
      cut();
      await shut();
    },
  };
}

export function listenAt(
  place: SocketPlace,
  onConnection: (socket: Socket) => void,
): Promise<Server> {
  const server = createServer({ allowHalfOpen: true }, onConnection);
  return new Promise((done, fail) => {
    server.once('error', (cause) => {
      const where = typeof place === 'string' ? place : `${place.host}:${place.port}`;
      fail(
        new OperatorError(`listening on ${where}: ${cause.message}`, {
          name: 'PortTaken',
          hint: 'Choose another port, or none to take a free one.',
          cause,
        }),
      );
    });
    server.listen(typeof place === 'string' ? { path: place } : place, () => done(server));
  });
}

/** Stops at once; `close` by itself would wait for the open connections, which live on. */
async function stopListening(server: Server): Promise<void> {
  server.close();
  await new Promise((done) => setImmediate(done));
}

function addressOf(server: Server): { port: number } {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address : { port: 0 };
}
