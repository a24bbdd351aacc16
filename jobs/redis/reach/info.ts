import type { RedisRefusal } from './refusals.ts';

/** The fields of an answer to INFO. */
export const infoFields = (info: string): ReadonlyMap<string, string> =>
  new Map(
    info
      .split(/\r?\n/)
      .filter((line) => line.includes(':') && !line.startsWith('#'))
      .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]),
  );

/** What makes a Redis unfit, by what it says of itself; the most fundamental first. */
export function refusalsByInfo(info: ReadonlyMap<string, string>): readonly RedisRefusal[] {
  const other = kind(info);
  if (other !== undefined) return [other];
  const rules = [version, role, eviction, appendOnly, files];
  return rules.flatMap((rule) => rule(info) ?? []);
}

type Rule = (info: ReadonlyMap<string, string>) => RedisRefusal | undefined;

const kind: Rule = (info) => {
  // Valkey 8 calls it server_mode, unless extended-redis-compat is on.
  switch (info.get('redis_mode') ?? info.get('server_mode') ?? 'standalone') {
    case 'cluster':
      return {
        code: 'cluster',
        disposition: 'stop',
        says: 'it is a Redis Cluster, which keeps the keys of a run apart',
        hint: 'Hopscotch needs one Redis: a single server, or a primary with replicas behind Sentinel; set REDIS_URL to it.',
      };
    case 'sentinel':
      return {
        code: 'sentinel',
        disposition: 'stop',
        says: 'it is a Sentinel, which holds no data',
        hint: 'Write REDIS_URL as redis+sentinel://host:26379/NAME.',
      };
    default:
      return undefined;
  }
};

const oldest = [6, 2] as const;

const version: Rule = (info) => {
  const said = info.get('redis_version') ?? '';
  const [major = 0, minor = 0] = said.split('.').map(Number);
  if (said === '' || major > oldest[0] || (major === oldest[0] && minor >= oldest[1])) return;
  return {
    code: 'oldVersion',
    disposition: 'stop',
    says: `it is version ${said}`,
    hint: 'Take Redis 6.2 or newer, or Valkey.',
  };
};

const role: Rule = (info) =>
  info.get('role') === 'slave'
    ? {
        code: 'replica',
        disposition: 'reconnect',
        says: 'it is a replica, which takes no writes',
        hint: 'After a failover Hopscotch connects again by itself. If it stays so, let REDIS_URL name the primary, or the Sentinels (redis+sentinel://).',
      }
    : undefined;

const eviction: Rule = (info) => {
  const policy = info.get('maxmemory_policy') ?? 'noeviction';
  if (policy === 'noeviction') return undefined;
  return {
    code: 'evicts',
    disposition: 'stop',
    says: `its maxmemory-policy is ${policy}, so it may throw away a run and the lock of its cloud`,
    hint: 'Set maxmemory-policy noeviction, in redis.conf and with CONFIG SET; a cache needs a Redis of its own.',
  };
};

const appendOnly: Rule = (info) =>
  info.get('aof_enabled') === '0'
    ? {
        code: 'noAppendOnlyFile',
        disposition: 'stop',
        says: 'it keeps no append-only file, so a restart would forget approvals and steps that began',
        hint: 'Set appendonly yes, in redis.conf and with CONFIG SET.',
      }
    : undefined;

const files: Rule = (info) =>
  info.get('aof_last_write_status') === 'err'
    ? {
        code: 'appendOnlyUnwritable',
        disposition: 'wait',
        says: 'it cannot write its append-only file and takes no writes',
        hint: 'See the log of Redis and the disk that holds its files. Then everything goes on by itself.',
      }
    : undefined;
