import { once } from 'node:events';
import { type Server, createServer } from 'node:http';
import type { Socket } from 'node:net';
import { portOf } from '../servers/cuttable-proxy.ts';

/** APIs over real HTTP: keystone gives tokens, and each takes only a token that it gave. */
export interface ServedApis {
  readonly urls: Readonly<Record<'keystone' | 'nova', string>>;
  /** From now on it answers so; and its ledger writes down when. */
  readonly turn: (name: 'keystone' | 'nova', how: 'well' | 'ill' | 'hanging') => void;
  /** When each was turned, ms of a clock that nobody sets. */
  readonly ledger: readonly { readonly name: string; readonly how: string; readonly ms: number }[];
  /** No token that was given is taken any more. */
  readonly forgetTokens: () => void;
  readonly calls: (name: 'keystone' | 'nova') => readonly ServedCall[];
  readonly stop: () => void;
}

interface ServedCall {
  readonly ms: number;
  readonly path: string;
  /** Counted from 1. */
  readonly connection: number;
}

export const servedPassword = 'correct horse battery';

export async function serveApis(): Promise<ServedApis> {
  const ledger: { name: string; how: string; ms: number }[] = [];
  const how = { keystone: 'well', nova: 'well' };
  let tokens = new Set<string>();
  const calls: Record<string, ServedCall[]> = { keystone: [], nova: [] };
  const serve = async (name: 'keystone' | 'nova'): Promise<Server> => {
    const connections = new WeakMap<Socket, number>();
    let count = 0;
    const server = createServer((request, response) => {
      const connection = connections.get(request.socket) ?? 0;
      calls[name]?.push({ ms: performance.now(), path: request.url ?? '', connection });
      if (how[name] === 'hanging') return;
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        if (how[name] === 'ill') return void response.writeHead(503).end('no backend');
        if (request.method !== 'POST') {
          const isKnown = tokens.has(String(request.headers['x-auth-token']));
          return void response.writeHead(isKnown ? 200 : 401).end('{}');
        }
        if (!Buffer.concat(parts).toString().includes(servedPassword))
          return void response.writeHead(401).end('{}');
        const token = `token-${tokens.size + 1}-${Math.random()}`;
        tokens.add(token);
        const until = new Date(Date.now() + 3_600_000).toISOString();
        response.writeHead(201, { 'x-subject-token': token });
        response.end(JSON.stringify({ token: { expires_at: until } }));
      });
    });
    server.on('connection', (socket) => connections.set(socket, (count += 1)));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return server;
  };
  const [keystone, nova] = await Promise.all([serve('keystone'), serve('nova')]);
  return {
    urls: {
      keystone: `http://127.0.0.1:${portOf(keystone)}/v3`,
      nova: `http://127.0.0.1:${portOf(nova)}/v2.1`,
    },
    turn: (name, to) => {
      how[name] = to;
      ledger.push({ name, how: to, ms: performance.now() });
    },
    ledger,
    forgetTokens: () => (tokens = new Set()),
    calls: (name) => calls[name] ?? [],
    stop: () => {
      for (const server of [keystone, nova]) {
        server.closeAllConnections();
        server.close();
      }
    },
  };
}
