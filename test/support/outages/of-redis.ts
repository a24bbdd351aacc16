import { fillDisk } from '../servers/plain-redis.ts';
import type { EdgeProduct } from './edge-product.ts';
import type { Outages } from './outage.ts';

const configSet =
  (...words: readonly string[]) =>
  ({ redis }: EdgeProduct): Promise<unknown> =>
    redis.client().call('CONFIG', 'SET', ...words);

/** All but the connection that asks for it. */
const endConnections = (words: readonly (readonly string[])[]) => async (edge: EdgeProduct) => {
  const admin = edge.redis.client();
  for (const [command = '', ...args] of words) await admin.call(command, ...args);
};

const killUser = ['CLIENT', 'KILL', 'USER', 'hopscotch'];

export const redisOutages: Outages = {
  'Redis is full': {
    make: configSet('maxmemory', '100kb'),
    says: /it is full \(maxmemory\)/,
    mend: configSet('maxmemory', '0'),
  },
  'Redis evicts': {
    make: configSet('maxmemory-policy', 'allkeys-lru'),
    says: /its maxmemory-policy is allkeys-lru/,
    mend: configSet('maxmemory-policy', 'noeviction'),
  },
  'Redis keeps no append-only file': {
    make: configSet('appendonly', 'no'),
    says: /append-only file/,
    mend: configSet('appendonly', 'yes'),
  },
  'Redis is a replica': {
    make: ({ redis }) => redis.client().replicaof('127.0.0.1', 1),
    says: /it is a replica/,
    mend: ({ redis }) => redis.client().replicaof('NO', 'ONE'),
  },
  'Redis lacks replicas': {
    make: configSet('min-replicas-to-write', '1'),
    says: /too few replicas/,
    mend: configSet('min-replicas-to-write', '0'),
  },
  'Redis takes rights away': {
    make: endConnections([['ACL', 'SETUSER', 'hopscotch', '-evalsha', '-zadd', '-xadd']]),
    says: /lacks rights|may not use/,
    mend: endConnections([['ACL', 'SETUSER', 'hopscotch', '+evalsha', '+zadd', '+xadd']]),
  },
  'Redis takes no more connections': {
    make: endConnections([['CONFIG', 'SET', 'maxclients', '1'], killUser]),
    says: /as many connections as it takes/,
    mend: configSet('maxclients', '10000'),
  },
  'Redis is busy with a script': {
    make: ({ redis }) =>
      void redis
        .client()
        .call('EVAL', 'while true do end', '0')
        .catch(() => {}),
    says: /busy with a script/,
    mend: ({ redis }) => redis.client().call('SCRIPT', 'KILL'),
  },
  'Redis is frozen': {
    make: ({ redis }) => redis.signal('SIGSTOP'),
    says: /it does not answer/,
    mend: ({ redis }) => redis.signal('SIGCONT'),
  },
  'Redis has a full disk': {
    make: ({ redis }) => fillDisk(redis),
    says: /cannot write its append-only file/,
    needs: { redisDiskBytes: 16_000_000 },
  },
  'Redis refuses the login': {
    make: endConnections([['ACL', 'SETUSER', 'hopscotch', 'resetpass', '>another'], killUser]),
    says: /refuses the user or the password/,
  },
  'Redis is gone': { make: ({ redis }) => redis.stop(), says: /nothing listens there/ },
};
