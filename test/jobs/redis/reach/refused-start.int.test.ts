import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { OperatorError } from '../../../../handlers/contract/errors.ts';
import { freePort } from '../../../../jobs/redis/free-port.ts';
import { openLog } from '../../../../jobs/log/log.ts';
import { requireRedis, redisRefusals } from '../../../../jobs/redis/reach/check.ts';
import {
  neededBareCommands,
  neededCommands,
  neededRights,
} from '../../../../jobs/redis/reach/rights.ts';
import { redisOptions } from '../../../../jobs/redis/reach/url.ts';
import { eventually, rejection } from '../../../support/eventually.ts';
import { type PartProcess, startPart } from '../../../support/processes/part.ts';
import {
  type PlainRedis,
  fit,
  redisPrograms,
  startPlainRedis,
} from '../../../support/servers/plain-redis.ts';

const caseFile = (name: string): string =>
  readFileSync(join(import.meta.dirname, '../../../cases', `${name}.txt`), 'utf8');

/** The part of a case's file below a heading such as `# redis.conf`. */
const below = (text: string, heading: string): string =>
  text.split(`# ${heading}\n`)[1]?.split(/^# /m)[0] ?? '';

let redis: PlainRedis;
let part: PartProcess | undefined;

afterEach(async () => {
  await part?.stop();
  part = undefined;
  await redis.stop();
});

const log = openLog({ name: 'test', level: 'trace', write: () => {} });
/** What the check says about a server that is reached as this user. */
async function refusal(login = ''): Promise<{ message: string; hint: string }> {
  const where = redisOptions(`redis://${login}127.0.0.1:${redis.port}`);
  const error = await rejection(requireRedis(where, log));
  if (!(error instanceof OperatorError)) throw error;
  expect(error).toMatchObject({ name: 'RedisRefused', disposition: 'stop' });
  return { message: error.message.split(': ').slice(1).join(': '), hint: error.hint };
}

describe.each(redisPrograms)('%s that is not fit', (program) => {
  // redis/ioredis#1229 and #1713: the arguments of a command stay in its error.
  it('51-redis-password-in-the-log: a process ends, and shows no password at trace', async () => {
    const text = caseFile('51-redis-password-in-the-log');
    redis = await startPlainRedis({ program, config: fit + below(text, 'redis.conf') });
    const [, url = ''] = /REDIS_URL=(\S+)/.exec(below(text, 'env')) ?? [];
    part = await startPart('worker-process', {
      REDIS_URL: url.replace('PORT', String(redis.port)),
    });

    expect(await part.exited).toBe(1);
    expect(part.output()).toBe(
      `checking Redis at 127.0.0.1:${redis.port}: it refuses the user or the password of REDIS_URL\nCorrect the user and the password in REDIS_URL; special letters are written as %-escapes.\n`,
    );
  }, 60_000);

  // redis/ioredis#1086, OptimalBits/bull#1238.
  it('58-ready-although-redis-refuses-the-login: says what REDIS_URL gets wrong', async () => {
    const config = below(caseFile('58-ready-although-redis-refuses-the-login'), 'redis.conf');
    redis = await startPlainRedis({ program, config: fit + config });

    expect(await refusal()).toEqual({
      message: 'it wants a password, and REDIS_URL has none',
      hint: 'Put the password into REDIS_URL: redis://user:password@host:6379.',
    });
    expect(await refusal(':wrong@')).toEqual({
      message: 'it refuses the user or the password of REDIS_URL',
      hint: 'Correct the user and the password in REDIS_URL; special letters are written as %-escapes.',
    });
    await expect(
      requireRedis(redisOptions(`redis://:right@127.0.0.1:${redis.port}`), log),
    ).resolves.toBeUndefined();
  });

  it('says that there is no such database', async () => {
    redis = await startPlainRedis({ program, config: `${fit}databases 2\n` });
    const where = redisOptions(`${redis.url}/7`);
    await expect(requireRedis(where, log)).rejects.toThrow('it has no database of the number');
  });

  // taskforcesh/bullmq#921, #1443 and #1827.
  it('56-redis-that-evicts: names the policy and the missing append-only file', async () => {
    const config = below(caseFile('56-redis-that-evicts'), 'redis.conf');
    redis = await startPlainRedis({ program, config });

    expect(await refusal()).toEqual({
      message:
        'its maxmemory-policy is allkeys-lru, so it may throw away a run and the lock of its cloud; it keeps no append-only file, so a restart would forget approvals and steps that began',
      hint: 'Set maxmemory-policy noeviction, in redis.conf and with CONFIG SET; a cache needs a Redis of its own. Set appendonly yes, in redis.conf and with CONFIG SET.',
    });
  });

  // taskforcesh/bullmq#906.
  it('names a cluster', async () => {
    const busPort = await freePort();
    const cluster = `cluster-enabled yes\ncluster-port ${busPort}\n`;
    redis = await startPlainRedis({ program, config: `${fit}${cluster}` });
    const all = Array.from({ length: 16_384 }, (_, slot) => slot);
    await redis.client().cluster('ADDSLOTS', ...all);

    expect((await refusal()).message).toContain('it is a Redis Cluster');
  });

  it('names a Sentinel that is taken for a Redis', async () => {
    redis = await startPlainRedis({ program, config: '', isSentinel: true });

    expect((await refusal()).message).toBe('it is a Sentinel, which holds no data');
  });

  // It hangs up on whoever connects, and who writes first may read nothing: so it is asked often enough to meet both.
  it('names one that has as many connections as it takes', async () => {
    redis = await startPlainRedis({ program, config: `${fit}maxclients 1\n` });
    await redis.client().ping();
    const where = redisOptions(redis.url);
    for (let times = 0; times < 20; times += 1)
      expect(await redisRefusals(where)).toMatchObject([{ code: 'tooManyClients' }]);
  });

  it('waits for one that is full, and goes on once it is not', async () => {
    redis = await startPlainRedis({ program, config: `${fit}maxmemory 100kb\n` });
    const lines: string[] = [];
    const told = openLog({ name: 'test', level: 'info', write: (line) => lines.push(line) });
    const fitNow = requireRedis(redisOptions(redis.url), told);
    await eventually(() => lines.length > 0);

    expect(lines.join('')).toContain('waiting for redis: it is full (maxmemory)');
    await redis.client().config('SET', 'maxmemory', '0');
    await fitNow;
  });

  it('takes a user with the rights of the guide, and misses each that is taken away', async () => {
    redis = await startPlainRedis({ program });
    const admin = redis.client();
    const guide = readFileSync('docs/redis.md', 'utf8');
    const [, line = ''] = /^ACL SETUSER (.*)$/m.exec(guide) ?? [];
    expect(line).toContain(neededRights);
    await admin.call('ACL', 'SETUSER', ...line.replace('PASSWORD', 'pw').split(' '));
    const where = redisOptions(`redis://hopscotch:pw@127.0.0.1:${redis.port}`);
    expect(await redisRefusals(where)).toEqual([]);

    for (const name of [
      'zadd',
      'xadd',
      'hmset',
      'bzpopmin',
      'xread',
      'eval',
      'info',
      'time',
      'multi',
    ]) {
      await admin.call('ACL', 'SETUSER', 'hopscotch', `-${name}`);
      const [problem] = await redisRefusals(where);
      expect(problem).toMatchObject({
        disposition: 'stop',
        says: expect.stringMatching(/^the user of REDIS_URL (lacks rights|may not use [A-Z]+ on)/),
      });
      await admin.call('ACL', 'SETUSER', 'hopscotch', `+${name}`);
    }
    await admin.call('ACL', 'SETUSER', 'hopscotch', 'resetkeys', '~hopscotch:run:*');
    expect(await redisRefusals(where)).toMatchObject([{ disposition: 'stop' }]);
  });
});

describe('the commands that are tried', () => {
  it("are all that BullMQ's scripts send", () => {
    const scripts = join(import.meta.dirname, '../../../../node_modules/bullmq/dist/esm/scripts');
    const sent = readdirSync(scripts)
      .filter((name) => name.endsWith('.js'))
      .flatMap((name) =>
        Array.from(
          readFileSync(join(scripts, name), 'utf8').matchAll(/(?:rcall|redis\.call)\(['"](\w+)/g),
          ([, command = '']) => command.toUpperCase(),
        ),
      );

    const tried = new Set([...Object.keys(neededCommands), ...neededBareCommands]);
    expect(sent.length).toBeGreaterThan(500);
    expect([...new Set(sent)].filter((command) => !tried.has(command))).toEqual([]);
  });
});
