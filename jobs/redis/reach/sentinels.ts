import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import type { RedisConnection } from './url.ts';

/** A primary, by the newest that any Sentinel knows. */
export interface PrimaryPlace {
  readonly host: string;
  readonly port: number;
  /** Grows with each failover; 0 where the Sentinel does not tell. */
  readonly epoch: number;
}

export interface Sentinels {
  /** Asks all of them at once. Throws an error that names the Sentinels and says what is wrong with them. */
  readonly primary: () => Promise<PrimaryPlace>;
  /** Nothing is kept open; the next question opens it anew. */
  readonly close: () => void;
}

interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** One that is frozen or gone must hold up nothing. */
const answerMs = 1000;
/** What the others may take once one has answered: after a failover they learn of it one after the other. */
const othersMs = 200;

export function openSentinels(where: RedisConnection): Sentinels {
  const { sentinels: given = [], name = '' } = where;
  const endpoints = new Map<string, Endpoint>();
  const add = (endpoint: Endpoint): unknown => endpoints.set(nameOf(endpoint), endpoint);
  for (const { host = '127.0.0.1', port = 26_379 } of given) add({ host, port });
  const lines = openLines(where, add);

  async function askAll(): Promise<PrimaryPlace> {
    const asked = [...endpoints.values()].map(lines.ask);
    const known: PrimaryPlace[] = [];
    const settled = Promise.allSettled(
      asked.map(async (answer) => {
        const place = await answer;
        if (place !== undefined) known.push(place);
      }),
    );
    const enough = Promise.any(asked).then(
      () => sleep(othersMs, undefined, { ref: false }),
      () => settled,
    );
    await Promise.race([settled, enough]);
    // Only with nothing to go by the slow ones are worth waiting for.
    const all = known.length > 0 ? [] : await settled;
    const [newest] = known.toSorted((one, other) => other.epoch - one.epoch);
    return newest ?? noPrimary(name, all);
  }

  let asking: Promise<PrimaryPlace> | undefined;
  return {
    primary: () => (asking ??= askAll().finally(() => (asking = undefined))),
    close: lines.close,
  };
}

/** A line to each Sentinel, kept as long as it answers. `found`: called for those that it knows besides. */
function openLines(where: RedisConnection, found: (other: Endpoint) => unknown) {
  const { name = '' } = where;
  const lines = new Map<string, Line>();

  async function ask(endpoint: Endpoint): Promise<PrimaryPlace | undefined> {
    const key = nameOf(endpoint);
    const known = lines.get(key);
    const line = known ?? openLine(where, endpoint);
    lines.set(key, line);
    const { client } = line;
    try {
      const [address, state] = await Promise.all([
        client.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', name),
        // A user of theirs may lack the right to it.
        client.call('SENTINEL', 'MASTER', name).catch(() => []),
      ]);
      if (known === undefined) void learn(client);
      return placeOf(address, state);
    } catch (error) {
      client.disconnect();
      if (lines.get(key) === line) lines.delete(key);
      throw new Error(`Sentinel ${key}: ${wordsOf(line.why() ?? error)}`, { cause: error });
    }
  }

  /** REDIS_URL may name some of them only. */
  async function learn(client: Redis): Promise<void> {
    const others = await client.call('SENTINEL', 'SENTINELS', name).catch(() => []);
    for (const other of Array.isArray(others) ? others : []) {
      const { ip, port, flags = '' } = fieldsOf(other);
      if (ip !== undefined && port !== undefined && !flags.includes('disconnected'))
        found({ host: ip, port: Number(port) });
    }
  }

  return {
    ask,
    close: () => {
      for (const { client } of lines.values()) client.disconnect();
      lines.clear();
    },
  };
}

const silent =
  /\b(ECONN\w+|ETIMEDOUT|EHOST\w+|ENET\w+|ENOTFOUND|EAI_AGAIN|EMFILE)\b|timed out|Connection is closed/;

function noPrimary(name: string, answers: readonly PromiseSettledResult<void>[]): never {
  const errors = answers.flatMap((answer) =>
    answer.status === 'rejected' ? [wordsOf(answer.reason)] : [],
  );
  if (errors.length < answers.length) throw new Error(`No such master as "${name}"`);
  // What one of them answers says more than that others are silent.
  const said = errors.find((error) => !silent.test(error));
  throw new Error(said ?? `All sentinels are unreachable: ${errors.join('; ')}`);
}

interface Line {
  readonly client: Redis;
  /** What ended it: commands only learn that it is closed. */
  readonly why: () => unknown;
}

function openLine(where: RedisConnection, { host, port }: Endpoint): Line {
  const { sentinelUsername, sentinelPassword, sentinelTLS } = where;
  const client = new Redis({
    host,
    port,
    ...(sentinelUsername == null ? {} : { username: sentinelUsername }),
    ...(sentinelPassword == null ? {} : { password: sentinelPassword }),
    ...(sentinelTLS === undefined ? {} : { tls: sentinelTLS }),
    protocol: 2,
    enableReadyCheck: false,
    connectTimeout: answerMs,
    commandTimeout: answerMs,
    disconnectTimeout: 1,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  let why: unknown;
  client.on('error', (error) => (why ??= error));
  return { client, why: () => why };
}

function placeOf(address: unknown, state: unknown): PrimaryPlace | undefined {
  if (!Array.isArray(address)) return undefined;
  const [host, port] = address.map(String);
  const epoch = Number(fieldsOf(state)['config-epoch'] ?? 0);
  return { host: host ?? '', port: Number(port), epoch };
}

/** An answer of names and values in turn. */
function fieldsOf(answer: unknown): Readonly<Record<string, string>> {
  const words = Array.isArray(answer) ? answer.map(String) : [];
  const names = words.filter((_word, index) => index % 2 === 0);
  return Object.fromEntries(names.map((name, index) => [name, words[index * 2 + 1] ?? '']));
}

const nameOf = ({ host, port }: Endpoint): string => `${host}:${port}`;

const wordsOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);
