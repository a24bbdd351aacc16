import { once } from 'node:events';
import { type Server, type Socket, connect, createServer } from 'node:net';

/** A TCP proxy in front of a port on loopback, whose traffic can be cut, held back or turned away. */
export interface CuttableProxy {
  readonly port: number;
  /** Connections passing through now. */
  connections(): number;
  /** Connections made since the start. */
  accepted(): number;
  /** Bytes that came from the host. */
  received(): number;
  /** Tells every client something that the host did not say. */
  say(bytes: Buffer): void;
  /** Drops every connection. */
  cut(): void;
  /** Forwards nothing more, in both directions, and says nothing about it; new connections hang as well. */
  stall(): void;
  /** Closes new connections at once. */
  refuse(): void;
  /** Ends `stall` and `refuse`. */
  resume(): void;
  stop(): Promise<void>;
}

/** What a client is told of what the host says, made anew for each connection. */
type Retelling = () => (chunk: Buffer) => Buffer;

export async function cuttableProxy(
  targetPort: number,
  retelling: Retelling = () => (chunk) => chunk,
): Promise<CuttableProxy> {
  const pairs = new Set<readonly [Socket, Socket]>();
  let accepted = 0;
  let received = 0;
  let mode: 'open' | 'stalled' | 'refusing' = 'open';
  const server = createServer((client) => {
    accepted += 1;
    if (mode === 'refusing') {
      client.on('error', () => undefined).destroy();
      return;
    }
    const pair = [client, connect(targetPort, '127.0.0.1')] as const;
    pairs.add(pair);
    pair[1].on('data', ({ length }) => (received += length));
    forward(pair, retelling(), {
      isStalled: () => mode === 'stalled',
      gone: () => void pairs.delete(pair),
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const sockets = (): Socket[] => [...pairs].flat();
  const cut = (): void => {
    for (const socket of sockets()) socket.destroy();
  };
  return {
    port: portOf(server),
    connections: () => pairs.size,
    accepted: () => accepted,
    received: () => received,
    say: (bytes) => {
      for (const [client] of pairs) client.write(bytes);
    },
    cut,
    stall: () => {
      mode = 'stalled';
      for (const socket of sockets()) socket.pause();
    },
    refuse: () => {
      mode = 'refusing';
    },
    resume: () => {
      mode = 'open';
      for (const socket of sockets()) socket.resume();
    },
    stop: async () => {
      cut();
      server.close();
      await once(server, 'close');
    },
  };
}

interface Passing {
  readonly isStalled: () => boolean;
  readonly gone: () => void;
}

/** Passes on what each of two says to the other, until one of them ends. */
function forward(
  [client, host]: readonly [Socket, Socket],
  retold: (chunk: Buffer) => Buffer,
  { isStalled, gone }: Passing,
): void {
  for (const [from, to] of [[client, host] as const, [host, client] as const]) {
    const said = from === host ? retold : (chunk: Buffer) => chunk;
    from.setNoDelay(true);
    from.on('data', (chunk: Buffer) => void (to.write(said(chunk)) || from.pause()));
    from.on('drain', () => isStalled() || to.resume());
    from.on('error', () => undefined);
    from.on('close', () => {
      gone();
      to.destroy();
    });
    if (isStalled()) from.pause();
  }
}

/** The port that a TCP server listens on. */
export function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('not listening on a port');
  return address.port;
}
