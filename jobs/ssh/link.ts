import { readFile } from 'node:fs/promises';
import { NodeSSH } from 'node-ssh';
import ssh2 from 'ssh2';
import type { Client, ConnectConfig } from 'ssh2';
import { checkHostKey, hostKeyAlgorithms, knownKeys } from './known-hosts.ts';
import {
  type SshEnd,
  type ShownKey,
  connectFailed,
  hostKeyRefused,
  keyFileMissing,
  keyFileUnusable,
  knownHostsUnreadable,
  hostUnreachable,
} from './errors.ts';
import type { SshOptions, SshTarget } from './target.ts';

/** One authenticated connection. */
export interface SshLink {
  readonly client: Client;
  /** Channels in use or being opened. */
  taken: number;
  /** Channels that the host gave so far. */
  opened: number;
  /** How many channels the host gives on one connection: MaxSessions of sshd_config, 10 unless it refuses earlier. */
  limit: number;
  /** Whether nobody may take it any more; it ends when it is given back by those who have it. */
  isRetired: boolean;
  isEnded: boolean;
  /** What ended it, for people. */
  why: () => string;
  ended: Promise<void>;
}

export interface SshLinkPool {
  /** A connection with room for one more channel. To be given back with `release`. */
  take(target: SshTarget): Promise<SshLink>;
  release(this: void, link: SshLink): void;
  close(): Promise<void>;
}

export function sshLinkPool({
  log,
  keepaliveMs = 10_000,
  connectTimeoutMs = 20_000,
  maxHandshakes = 20,
}: SshOptions): SshLinkPool {
  const links = new Map<string, SshLink[]>();
  const connecting = new Map<string, Promise<SshLink>>();
  const alive = new Set<SshLink>();
  const inTurn = limiter(maxHandshakes);
  let isClosed = false;

  return {
    take: (target) =>
      usable(target, (link) => {
        if (link.taken >= link.limit) return false;
        link.taken += 1;
        return true;
      }),
    release(link) {
      link.taken -= 1;
      endIfSpare(link);
    },
    async close() {
      isClosed = true;
      const all = [...alive];
      // Not `end`: that would wait for a peer which may be gone.
      for (const { client } of all) client.destroy();
      await Promise.all(all.map(({ ended }) => ended));
      await Promise.allSettled(connecting.values());
    },
  };

  /** One connection is kept for the next step; more than one only while they are needed. */
  function endIfSpare(link: SshLink): void {
    const all = [...links.values()].find((list) => list.includes(link)) ?? [];
    link.isRetired ||= all[0] !== link && link.taken === 0;
    if (link.isRetired && link.taken === 0) link.client.end();
  }

  async function usable(target: SshTarget, isTaken: (link: SshLink) => boolean): Promise<SshLink> {
    const key = JSON.stringify(target, Object.keys({ ...target, ...target.bastion }).toSorted());
    for (;;) {
      if (isClosed) throw shuttingDown(target);
      const free = links
        .get(key)
        ?.find((link) => !link.isEnded && !link.isRetired && isTaken(link));
      if (free !== undefined) return free;
      let begun = connecting.get(key);
      if (begun === undefined) {
        begun = connect(target).then((link) => keep(key, link));
        connecting.set(key, begun);
        const forget = (): boolean => connecting.delete(key);
        begun.then(forget, forget);
      }
      await begun;
    }
  }

  function keep(key: string, link: SshLink): SshLink {
    links.set(key, [...(links.get(key) ?? []), link]);
    // Whoever it was opened for may have found room elsewhere meanwhile.
    setImmediate(() => endIfSpare(link));
    void link.ended.then(() => {
      const rest = (links.get(key) ?? []).filter((other) => other !== link);
      if (rest.length > 0) links.set(key, rest);
      else links.delete(key);
    });
    return link;
  }

  async function connect({ bastion, ...hop }: SshTarget): Promise<SshLink> {
    const credentials = await readCredentials(hop);
    if (bastion === undefined) return inTurn(() => handshake(hop, credentials));
    const first: SshEnd = { ...hop, ...bastion, host: 'the bastion' };
    const { client } = await usable(first, () => true);
    return inTurn(async () => handshake(hop, credentials, await forward(client, hop)));
  }

  async function handshake(
    hop: SshEnd,
    { privateKey, text }: Credentials,
    sock?: Sock,
  ): Promise<SshLink> {
    const at = { text, host: hop.address, port: hop.port };
    let refused: ShownKey | undefined;
    const ssh = new NodeSSH();
    const ready = ssh.connect({
      ...(sock === undefined ? { host: hop.address, port: hop.port } : { sock }),
      username: hop.user,
      privateKey,
      readyTimeout: connectTimeoutMs,
      keepaliveInterval: keepaliveMs,
      keepaliveCountMax: 3,
      algorithms: { serverHostKey: hostKeyAlgorithms(at) },
      hostVerifier: (key: Buffer) => {
        const verdict = checkHostKey({ ...at, key });
        if (verdict !== 'ok') refused = { verdict, key, known: knownKeys(at) };
        return verdict === 'ok';
      },
    });
    const client = ssh.connection;
    if (client === null) throw new Error('node-ssh made no connection');
    // From here on, for the whole life of the connection: an 'error' that nobody hears ends the process.
    const link = watch(client);
    alive.add(link);
    void link.ended.then(() => alive.delete(link));
    try {
      await ready;
    } catch (error) {
      client.destroy();
      if (refused !== undefined) throw hostKeyRefused(hop, refused);
      throw connectFailed(hop, asError(error));
    }
    client.setNoDelay(true);
    log?.debug({ host: hop.host, address: hop.address }, 'connected');
    void link.ended.then(() => log?.debug({ host: hop.host, why: link.why() }, 'disconnected'));
    return link;
  }
}

const shuttingDown = (hop: SshEnd): Error => hostUnreachable(hop, 'this process is shutting down');

function watch(client: Client): SshLink {
  let why = 'the host closed it';
  const ended = new Promise<void>((resolve) => void client.once('close', () => resolve()));
  const link: SshLink = {
    client,
    taken: 0,
    opened: 0,
    limit: 10,
    isRetired: false,
    isEnded: false,
    why: () => why,
    ended,
  };
  client.on('error', (error) => (why = error.message));
  client.on('end', () => (link.isEnded = true));
  client.on('close', () => (link.isEnded = true));
  return link;
}

interface Credentials {
  readonly privateKey: string;
  /** Of known_hosts. Read for every connection, so that a corrected file counts at once. */
  readonly text: string;
}

async function readCredentials(hop: SshEnd): Promise<Credentials> {
  const privateKey = await readFile(hop.key, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw keyFileMissing(hop, error);
  });
  const parsed = ssh2.utils.parseKey(privateKey);
  if (parsed instanceof Error) throw keyFileUnusable(hop, parsed);
  const text = await readFile(hop.knownHosts, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw knownHostsUnreadable(hop, error);
  });
  return { privateKey, text };
}

type Sock = NonNullable<ConnectConfig['sock']>;

function forward(client: Client, hop: SshEnd): Promise<Sock> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void =>
      reject(hostUnreachable(hop, `from the bastion: ${error.message}`, { cause: error }));
    try {
      client.forwardOut('127.0.0.1', 0, hop.address, hop.port, (error, channel) =>
        error === undefined ? resolve(channel) : fail(error),
      );
    } catch (error) {
      fail(asError(error));
    }
  });
}

const asError = (error: unknown): Error =>
  error instanceof Error ? error : new Error(String(error));

/** Runs at most `max` pieces of work at a time, the rest in the order they came. */
function limiter(max: number): <T>(work: () => Promise<T>) => Promise<T> {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (running >= max) await new Promise<void>((resolve) => waiting.push(resolve));
    else running += 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  };
}
