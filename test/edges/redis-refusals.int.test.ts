import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { freePort } from '../../jobs/redis/free-port.ts';
import { redisRefusalOf } from '../../jobs/redis/reach/refusals.ts';
import { type RedisConnection, redisOptions } from '../../jobs/redis/reach/url.ts';
import { eventually } from '../support/eventually.ts';
import { redisPrograms, startPlainRedis } from '../support/servers/plain-redis.ts';
import { redisOutcome } from './outcomes.ts';
import { type RedisRow, redisRows } from './rows.ts';

let ending: (() => Promise<unknown> | void)[] = [];
afterEach(async () => {
  for (const end of ending.toReversed()) await end();
  ending = [];
});

/** A client that says what went wrong, and does not come back. */
function client(where: RedisConnection): { redis: Redis; said: () => Error | undefined } {
  let error: Error | undefined;
  const redis = new Redis({
    ...where,
    enableReadyCheck: false,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
    disableClientInfo: true,
  });
  redis.on('error', (first) => (error ??= first));
  ending.push(() => redis.disconnect());
  return { redis, said: () => error };
}

/** What is heard of a command: the answer of Redis, or what ended the connection before. */
async function heard(where: RedisConnection, [name = 'PING', ...rest]: readonly string[]) {
  const { redis, said } = client(where);
  const answer: unknown = await redis.call(name, rest).catch((error: unknown) => error);
  const isGone = String(answer).startsWith('Error: Connection is closed');
  // What ended a connection is told beside the command.
  return ownError(isGone ? await eventually(() => said() ?? (answer as Error)) : answer);
}

/** Jest runs tests in a realm of their own: an error of the system is no `Error` there. */
function ownError(thrown: unknown): unknown {
  if (typeof thrown !== 'object' || thrown === null || !('message' in thrown)) return thrown;
  const error = new Error(String(thrown.message));
  return 'code' in thrown ? Object.assign(error, { code: thrown.code }) : error;
}

async function refused(program: string, { on = {} }: RedisRow): Promise<unknown> {
  if (on.url !== undefined) return heard(redisOptions(on.url), ['PING']);
  const tlsPort = await freePort();
  const redis = await startPlainRedis({
    program,
    config: (on.config ?? []).map((line) => `${line}\n`).join(''),
    prepare: async (dir) => (on.tls === undefined ? undefined : selfSigned(dir)),
    ...(on.tls === undefined ? {} : { more: tlsLines(tlsPort, on.tls) }),
  });
  ending.push(() => redis.stop());
  if (on.tls !== undefined) {
    const tls = clientTls[on.tls];
    return heard({ host: '127.0.0.1', port: tlsPort, ...tls }, ['PING']);
  }
  const login = on.password === undefined ? {} : { password: on.password };
  const where = { host: '127.0.0.1', port: redis.port, ...login };
  const [name, ...rest] = on.before ?? [];
  if (name !== undefined) await redis.client().call(name, rest);
  if (on.full === true) await redis.client().ping();
  if (on.other === undefined) return heard(where, on.ask ?? []);
  void heard(where, on.ask ?? []);
  const other = on.other;
  return eventually(async () => {
    const answer = await heard(where, other);
    return answer instanceof Error && answer;
  });
}

function selfSigned(dir: string): void {
  const words =
    'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=redis';
  const files = ['-keyout', join(dir, 'key.pem'), '-out', join(dir, 'cert.pem')];
  execFileSync('openssl', [...words.split(' '), ...files], { stdio: 'ignore' });
}

type TlsKind = NonNullable<NonNullable<RedisRow['on']>['tls']>;

const anybody = { tls: { rejectUnauthorized: false } };
const clientTls: Readonly<Record<TlsKind, Partial<RedisConnection>>> = {
  'self-signed': { tls: {} },
  unspoken: {},
  'client-certificate': anybody,
  'other-cipher': anybody,
  'old-version': anybody,
};

const serverTls: Readonly<Record<TlsKind, readonly string[]>> = {
  'self-signed': [],
  unspoken: [],
  // TLS 1.3 would end the connection, and often nobody hears why.
  'client-certificate': ['tls-auth-clients yes', 'tls-protocols TLSv1.2'],
  'other-cipher': ['tls-protocols TLSv1.2', 'tls-ciphers ECDHE-RSA-AES128-GCM-SHA256'],
  'old-version': ['tls-protocols TLSv1.1'],
};

const tlsLines = (port: number, kind: TlsKind) => (dir: string) =>
  [
    `tls-port ${port}`,
    `tls-cert-file ${dir}/cert.pem`,
    `tls-key-file ${dir}/key.pem`,
    `tls-ca-cert-file ${dir}/cert.pem`,
    'tls-auth-clients no',
    ...serverTls[kind],
    '',
  ].join('\n');

describe.each(redisPrograms)('what the table says of %s', (program) => {
  const played = redisRows.filter(({ on }) => on !== undefined);
  it.each(played.map((row) => [row.error, row] as const))('is so: %s', async (_error, row) => {
    const error = await refused(program, row);

    expect(error).toBeInstanceOf(Error);
    const { says, hint, does } = redisOutcome(row);
    expect({ error: String(error), ...redisRefusalOf(error) }).toMatchObject({
      says,
      hint,
      disposition: does,
    });
  });
});
