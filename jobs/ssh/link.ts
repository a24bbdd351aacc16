import type { Client, ClientChannel } from 'ssh2';
import { type Line, dial, overheard } from './dial.ts';
import { type SshEnd, sshEndText, refusedBy, hostUnreachable } from './errors.ts';
import { type Credentials, handshake, readCredentials, reasonOf } from './handshake.ts';
import { loginPauses } from './pauses.ts';
import { forwardRefusalOf, sshRefusalOf } from './refusals.ts';
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
  const pauses = loginPauses();
  const closing = new AbortController();

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
      closing.abort();
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
      if (closing.signal.aborted) throw shuttingDown(target);
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
    pauses.check(hop, credentials.privateKey);
    if (bastion === undefined)
      return inTurn(async () => logIn(hop, credentials, await dialled(hop)));
    const first: SshEnd = { ...hop, ...bastion, host: 'the bastion' };
    const { client } = await usable(first, () => true);
    return inTurn(async () =>
      logIn(hop, credentials, overheard(await forward(client, hop, first))),
    );
  }

  async function dialled(hop: SshEnd): Promise<Line> {
    try {
      return await dial(hop, { timeoutMs: connectTimeoutMs, signal: closing.signal });
    } catch (error) {
      if (closing.signal.aborted) throw shuttingDown(hop);
      const refusal = sshRefusalOf({ stage: 'dialling', ...reasonOf(error) }, hop);
      throw refusedBy(hop, refusal, error);
    }
  }

  async function logIn(hop: SshEnd, credentials: Credentials, line: Line): Promise<SshLink> {
    let link: SshLink | undefined;
    const own = (client: Client): void => {
      const watched = watch(client);
      link = watched;
      alive.add(watched);
      void watched.ended.then(() => alive.delete(watched));
    };
    const times = { connectTimeoutMs, keepaliveMs };
    try {
      await handshake(hop, { credentials, line, times, watch: own });
    } catch (error) {
      pauses.failed(hop, credentials.privateKey, error);
      throw error;
    }
    if (link === undefined) throw new Error('a connection that nobody watches');
    const { client, ended, why } = link;
    pauses.worked(hop);
    client.setNoDelay(true);
    log?.debug({ host: hop.host, address: hop.address }, 'connected');
    void ended.then(() => log?.debug({ host: hop.host, why: why() }, 'disconnected'));
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

function forward(client: Client, hop: SshEnd, bastion: SshEnd): Promise<ClientChannel> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => {
      const names = { host: hop.host, bastion: sshEndText(bastion) };
      reject(refusedBy(hop, forwardRefusalOf(refusedChannel(error), names), error));
    };
    try {
      client.forwardOut('127.0.0.1', 0, hop.address, hop.port, (error, channel) =>
        error === undefined ? resolve(channel) : fail(error),
      );
    } catch (error) {
      fail(asError(error));
    }
  });
}

/** ssh2 hangs the reason of RFC 4254 on the error. */
function refusedChannel(error: Error): { message: string; reason?: number } {
  const reason = 'reason' in error ? error.reason : undefined;
  return { message: error.message, ...(typeof reason === 'number' ? { reason } : {}) };
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
