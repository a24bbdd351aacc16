import { isIP } from 'node:net';
import type { RedisOptions } from 'ioredis';

/** Says what a REDIS_URL gets wrong, without the URL: it may hold a password. */
export class RedisUrlError extends Error {
  override readonly name = 'RedisUrlError';
}

/** The options of ioredis that say where to connect, as whom, and how safely. */
export type RedisConnection = Pick<
  RedisOptions,
  | 'host'
  | 'port'
  | 'path'
  | 'db'
  | 'username'
  | 'password'
  | 'tls'
  | 'sentinels'
  | 'name'
  | 'sentinelUsername'
  | 'sentinelPassword'
  | 'enableTLSForSentinelMode'
  | 'sentinelTLS'
>;

const SENTINEL_PORT = 26379;
const forms =
  'expected redis://, rediss://, unix:///, redis+sentinel:// or rediss+sentinel:// (see .env.example)';

/**
 * Where to connect, as ioredis takes it:
 *
 * - `redis[s]://[user:password@]host[:port][/db]`, `rediss` with TLS;
 * - `unix:///path/of/socket`, or the path alone, with nothing decoded;
 * - `redis[s]+sentinel://[user:password@]host[:port][,host[:port]...]/master[/db]`, the form of the redis-sentinel-url and
 *   Docket libraries, with `sentinel_username` and `sentinel_password` as its only options; `rediss` with TLS to the
 *   Sentinels as well. User and password are those of the data hosts.
 *
 * User, password and options are percent-decoded. Throws a RedisUrlError.
 */
export function redisOptions(url: string): RedisConnection {
  if (url.startsWith('/')) return { path: url };
  const [, scheme = '', rest = ''] = /^([a-z+]+):\/\/(.*)$/is.exec(url) ?? [];
  const [, credentials = '', hosts = '', path = '', query = ''] =
    /^(?:([^/?#]*)@)?([^/?#]*)(\/[^?#]*)?(?:\?([^#]*))?$/s.exec(rest) ?? [];
  if (hosts + path === '') throw new RedisUrlError(forms);
  const parts = { hosts: hosts.split(','), path: path.slice(1).split('/'), query };
  const login = loginOf(credentials);
  switch (scheme.toLowerCase()) {
    case 'redis':
      return { ...single(parts), ...login };
    case 'rediss':
      return { ...overTls(single(parts)), ...login };
    case 'unix':
      return { ...socket(path, parts), ...login };
    case 'redis+sentinel':
      return { ...sentinel(parts), ...login };
    case 'rediss+sentinel':
      // Both are needed: ioredis keeps the TLS of the Sentinels apart from that of the data hosts.
      return {
        ...sentinel(parts),
        ...login,
        enableTLSForSentinelMode: true,
        tls: {},
        sentinelTLS: {},
      };
    default:
      throw new RedisUrlError(forms);
  }
}

interface Parts {
  readonly hosts: readonly string[];
  readonly path: readonly string[];
  readonly query: string;
}

function single({ hosts, path, query }: Parts): RedisConnection {
  if (hosts.length > 1)
    throw new RedisUrlError('expected one host; several are for redis+sentinel://');
  if (path.length > 1) throw new RedisUrlError('expected a database number after the host');
  noOptions(query);
  return { ...place(hosts[0], 6379), ...database(path[0]) };
}

/** Names the host to the TLS handshake, which certificates for many names need; an IP address cannot be named. */
function overTls(options: RedisConnection): RedisConnection {
  const { host = '' } = options;
  return { ...options, tls: isIP(host) === 0 ? { servername: host } : {} };
}

function socket(path: string, { hosts, query }: Parts): RedisConnection {
  if (hosts.join() !== '')
    throw new RedisUrlError('expected unix:/// with three slashes and an absolute path');
  noOptions(query);
  return { path: decoded(path) };
}

function sentinel({ hosts, path: [name = '', db, ...more], query }: Parts): RedisConnection {
  if (name === '' || more.length > 0)
    throw new RedisUrlError('expected the name of the master after the hosts: host:26379/mymaster');
  const options = new URLSearchParams(query);
  const [user, password] = ['sentinel_username', 'sentinel_password'].map((key) => {
    const value = options.get(key);
    options.delete(key);
    return value;
  });
  noOptions(options.toString());
  return {
    sentinels: hosts.map((host) => place(host, SENTINEL_PORT)),
    name: decoded(name),
    ...database(db),
    ...(user == null ? {} : { sentinelUsername: user }),
    ...(password == null ? {} : { sentinelPassword: password }),
  };
}

/** An option that is passed over in silence might be the one that was to make the link safe. */
function noOptions(query: string): void {
  const [name] = new URLSearchParams(query).keys();
  if (name !== undefined)
    throw new RedisUrlError(
      `found the option ${name}, expected only sentinel_username and sentinel_password, with Sentinel`,
    );
}

function place(text = '', standard: number): { host: string; port: number } {
  const [, v6, name, port] =
    /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::(\d{1,5}))?$/i.exec(text) ?? [];
  const host = v6 ?? name;
  if (host === undefined || (v6 !== undefined && isIP(v6) !== 6))
    throw new RedisUrlError('expected host or host:port, an IPv6 address in brackets');
  const number = port === undefined ? standard : Number(port);
  if (number < 1 || number > 65535) throw new RedisUrlError('expected a port from 1 to 65535');
  return { host, port: number };
}

function database(text = ''): { db?: number } {
  if (!/^\d{0,4}$/.test(text)) throw new RedisUrlError('expected a database number at the end');
  return text === '' ? {} : { db: Number(text) };
}

function loginOf(credentials: string): { username?: string; password?: string } {
  const [, user = '', password] = /^([^:]*)(?::(.*))?$/s.exec(credentials) ?? [];
  return {
    ...(user === '' ? {} : { username: decoded(user) }),
    ...(password ? { password: decoded(password) } : {}),
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new RedisUrlError('expected %-escapes of two hexadecimal digits; write a bare % as %25');
  }
}
