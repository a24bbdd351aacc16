import { types } from 'node:util';
import { type RefusalRow, sentinelRefusals } from './sentinel-refusals.ts';

/** What Redis, or the way to it, says instead of an answer; what that means, and what a person can do. */
export interface RedisRefusal {
  /** Names it for good. */
  readonly code: string;
  readonly says: string;
  readonly hint: string;
  /**
   * `stop`: trying again cannot help until a person changes something. `wait`: it passes, or a person frees something.
   * `reconnect`: another server may be the right one by now.
   */
  readonly disposition: 'stop' | 'wait' | 'reconnect';
}

const replica =
  'After a failover Hopscotch connects again by itself. If it stays so, let REDIS_URL name the primary, or the Sentinels (redis+sentinel://).';
const cluster =
  'Hopscotch needs one Redis: a single server, or a primary with replicas behind Sentinel; set REDIS_URL to it.';
const rights = 'Give the user the rights that docs/redis.md lists; ACL SETUSER sets them.';
const login =
  'Correct the user and the password in REDIS_URL; special letters are written as %-escapes.';
const reachable =
  'See that Redis runs, that REDIS_URL names its host and port, and that no firewall is in between.';
const certificate =
  'Set NODE_EXTRA_CA_CERTS to the file of the authority that signed its certificate, and name the host in REDIS_URL as the certificate does.';

/** In order: the first that matches counts. Error codes are those of Redis 7 and Valkey 8 (src/server.c, acl.c, cluster.c). */
const rows: readonly RefusalRow[] = [
  ...sentinelRefusals,
  ['replica', /\bREADONLY\b/, 'reconnect', 'it is a replica, which takes no writes', replica],
  ['becameReplica', /\bUNBLOCKED\b/, 'reconnect', 'it became a replica', replica],
  ['masterDown', /\bMASTERDOWN\b/, 'reconnect', 'it is a replica that lost its primary', replica],
  [
    'full',
    /\bOOM\b/,
    'wait',
    'it is full (maxmemory) and takes no writes',
    'Raise maxmemory, or free memory; maxmemory-policy stays noeviction. Then everything goes on by itself.',
  ],
  [
    'appendOnlyUnwritable',
    /\bMISCONF\b.*(AOF|append)/is,
    'wait',
    'it cannot write its append-only file and takes no writes',
    'See the log of Redis and the disk that holds its files. Then everything goes on by itself.',
  ],
  [
    'snapshotUnwritable',
    /\bMISCONF\b/,
    'wait',
    'it cannot save its snapshot and takes no writes',
    'See the log of Redis and the disk that holds its files. Then everything goes on by itself.',
  ],
  [
    'tooFewReplicas',
    /\bNOREPLICAS\b/,
    'wait',
    'too few replicas follow it, so it takes no writes (min-replicas-to-write)',
    'See its replicas. Then everything goes on by itself.',
  ],
  [
    'loading',
    /\bLOADING\b/,
    'wait',
    'it is still loading its data',
    'Wait until it has read its files.',
  ],
  [
    'busy',
    /\bBUSY\b/,
    'wait',
    'it is busy with a script that does not end',
    'See which program sent the script; SCRIPT KILL ends it.',
  ],
  [
    'tooManyClients',
    /max number of clients reached/i,
    'wait',
    'it has as many connections as it takes (maxclients)',
    'Raise maxclients, or see who keeps so many connections open.',
  ],
  [
    'noPassword',
    /\bNOAUTH\b/,
    'stop',
    'it wants a password, and REDIS_URL has none',
    'Put the password into REDIS_URL: redis://user:password@host:6379.',
  ],
  [
    'wrongPassword',
    /\bWRONGPASS\b|invalid password/i,
    'stop',
    'it refuses the user or the password of REDIS_URL',
    login,
  ],
  [
    'noRights',
    /\bNOPERM\b|user executing the script can't|ACL failure in script/i,
    'stop',
    'the user of REDIS_URL lacks rights',
    rights,
  ],
  [
    'protectedMode',
    /\bDENIED\b/,
    'stop',
    'it is in protected mode: without a password it answers its own machine alone',
    'Set a password on Redis (requirepass) and in REDIS_URL, or bind it to the address that Hopscotch uses.',
  ],
  [
    'noDatabase',
    /DB index is out of range|invalid DB index/i,
    'stop',
    'it has no database of the number in REDIS_URL',
    'Correct the number at the end of REDIS_URL, or raise databases on Redis.',
  ],
  [
    'cluster',
    /\b(CROSSSLOT|MOVED|CLUSTERDOWN|TRYAGAIN)\b|\bASK \d|not allowed in cluster mode/,
    'stop',
    'it is a Redis Cluster, which keeps the keys of a run apart',
    cluster,
  ],
  [
    'foreignKeys',
    /\bWRONGTYPE\b/,
    'stop',
    'another program uses keys that begin with hopscotch:',
    'Give Hopscotch a Redis, or a database number, of its own.',
  ],
  [
    'unknownCommand',
    /unknown (sub)?command/i,
    'stop',
    'it does not know a command that Hopscotch uses',
    'Take Redis 6.2 or newer, or Valkey; commands that were renamed or switched off are needed too.',
  ],
  [
    'transactionGone',
    /\bEXECABORT\b/,
    'wait',
    'it gave up a transaction',
    'The log says why. It is tried again.',
  ],
  [
    'unkillable',
    /\bUNKILLABLE\b/,
    'wait',
    'a script that has written cannot be ended',
    'Wait for it; only a restart without saving would end it.',
  ],
  [
    'scriptForgotten',
    /\bNOSCRIPT\b/,
    'wait',
    'it has forgotten a script',
    'Nothing to do: the script is sent again.',
  ],
  [
    'otherProtocol',
    /\bNOPROTO\b|Protocol error/i,
    'stop',
    'what answers there does not speak as Redis does',
    'Correct host and port in REDIS_URL.',
  ],
  [
    'untrustedCertificate',
    /SELF_SIGNED_CERT|DEPTH_ZERO|UNABLE_TO_(VERIFY|GET_ISSUER)|self.signed certificate|unable to (verify|get (local )?issuer)/i,
    'stop',
    'nobody that is trusted here signed its certificate',
    certificate,
  ],
  [
    'expiredCertificate',
    /CERT_HAS_EXPIRED|certificate has expired/i,
    'stop',
    'its certificate has expired',
    'Renew the certificate of Redis.',
  ],
  [
    'otherName',
    /ALTNAME|does not match certificate's altnames/i,
    'stop',
    'its certificate is for another name',
    certificate,
  ],
  [
    'earlyCertificate',
    /CERT_NOT_YET_VALID|certificate is not yet valid/i,
    'stop',
    'its certificate is not valid yet',
    'Set the clock of this machine (timedatectl), or of the one that made the certificate.',
  ],
  [
    'weakCertificate',
    /(ee|ca) key too small|md too weak|(EE|CA)_KEY_TOO_SMALL|MD_TOO_WEAK/i,
    'stop',
    'its certificate has a weaker key or signature than OpenSSL here takes',
    'Make the certificate of Redis anew, with RSA 2048 or an elliptic curve, and SHA-256.',
  ],
  [
    'clientCertificate',
    /certificate.required/i,
    'stop',
    'it wants a certificate of the client, which Hopscotch does not send',
    'Set tls-auth-clients no on Redis; the password says who we are.',
  ],
  [
    'noTlsVersion',
    /alert protocol version|unsupported protocol|UNSUPPORTED_PROTOCOL|ALERT_PROTOCOL_VERSION/i,
    'stop',
    'it has no version of TLS in common with us',
    'Allow TLSv1.2 or TLSv1.3 on Redis (tls-protocols).',
  ],
  [
    'tlsRefused',
    /handshake.failure/i,
    'stop',
    'it refuses the TLS handshake: it wants a certificate of the client, or has no cipher in common with us',
    'See the log of Redis. Set tls-auth-clients no there, or allow a cipher of TLSv1.2 or TLSv1.3 (tls-ciphers).',
  ],
  [
    'noTls',
    /wrong version number|packet length too long|EPROTO/i,
    'stop',
    'it speaks no TLS on that port',
    'Use redis:// in REDIS_URL, or the TLS port of Redis.',
  ],
  [
    'tooManyFiles',
    /EMFILE|ENFILE/,
    'wait',
    'this process has as many files and connections open as it may',
    'Raise its limit of open files (LimitNOFILE, ulimit -n).',
  ],
  [
    'noPortLeft',
    /EADDRNOTAVAIL/,
    'wait',
    'this machine has no port left for one more connection, or not the address',
    'See what keeps so many connections open here (ss -s).',
  ],
  ['noSocket', /ENOENT/, 'wait', 'there is no such socket', reachable],
  [
    'socketForbidden',
    /EACCES|EPERM/,
    'wait',
    'this process may not use its socket',
    'Let the user of Hopscotch read and write the socket (unixsocketperm).',
  ],
  ['nothingListens', /ECONNREFUSED/, 'wait', 'nothing listens there', reachable],
  ['unknownHost', /ENOTFOUND/, 'wait', 'nobody knows a host of that name', reachable],
  [
    'noNameService',
    /EAI_AGAIN/,
    'wait',
    'the name service does not answer',
    'See the name service of this machine.',
  ],
  ['silent', /ETIMEDOUT|timed out|no answer within/i, 'wait', 'it does not answer', reachable],
  ['noRoute', /EHOSTUNREACH|ENETUNREACH/, 'wait', 'there is no way to it from here', reachable],
  [
    'connectionGone',
    /ECONNRESET|EPIPE|Connection is closed|Stream isn't writeable|max retries per request/i,
    'wait',
    'the connection to it is gone',
    `${reachable} A port for TLS needs rediss:// in REDIS_URL.`,
  ],
];

/** Undefined for an error that neither Redis nor the way to it makes. */
export function redisRefusalOf(error: unknown): RedisRefusal | undefined {
  if (!types.isNativeError(error)) return undefined;
  const system = 'code' in error ? String(error.code) : '';
  const row = rows.find(([, pattern]) => pattern.test(`${error.message} ${system}`));
  if (row === undefined) return undefined;
  const [code, , disposition, says, hint] = row;
  return { code, says, hint, disposition };
}

/**
 * Whether an error came from a Redis client: a refusal of Redis, or a connection that went. A system error is one only
 * where it says that it came from there.
 */
export const isFromRedis = (error: unknown): error is Error =>
  error instanceof Error &&
  (['ReplyError', 'MaxRetriesPerRequestError', 'AbortError'].includes(error.name) ||
    /^Connection is closed|^Stream isn't writeable|^All sentinels are unreachable|^Sentinel \S+:|^No such master/.test(
      error.message,
    ));
