/** Its name for good, how it is recognised, and what it means: see `RedisRefusal`. */
export type RefusalRow = readonly [
  code: string,
  pattern: RegExp,
  disposition: 'stop' | 'wait' | 'reconnect',
  says: string,
  hint: string,
];

/** What Sentinels, or the way to them, refuse. They say so with `Sentinel host:port:` before it (sentinels.ts); Redis itself is not meant. */
export const sentinelRefusals: readonly RefusalRow[] = [
  [
    'sentinelPassword',
    /^Sentinel \S+: NOAUTH\b/,
    'stop',
    'its Sentinels want a password, and REDIS_URL has none for them',
    'Put it at the end of REDIS_URL: redis+sentinel://...?sentinel_password=PASSWORD.',
  ],
  [
    'sentinelLogin',
    /^Sentinel \S+: (WRONGPASS\b|.*invalid password)/i,
    'stop',
    'its Sentinels refuse the login that REDIS_URL has for them',
    'Correct sentinel_username and sentinel_password at the end of REDIS_URL; user and password before the hosts are for Redis.',
  ],
  [
    'sentinelRights',
    /^Sentinel \S+: NOPERM\b/,
    'stop',
    'the user of REDIS_URL lacks rights on its Sentinels',
    'Give the user +sentinel|get-master-addr-by-name +sentinel|master +sentinel|sentinels there (ACL SETUSER).',
  ],
  [
    'sentinelProtected',
    /^Sentinel \S+: DENIED\b/,
    'stop',
    'its Sentinels are in protected mode: they answer their own machines alone',
    'Set protected-mode no on the Sentinels, behind a firewall, or a password (requirepass) and sentinel_password in REDIS_URL.',
  ],
  [
    'noSentinelThere',
    /^Sentinel \S+: .*(unknown command|NOPROTO|Protocol error)/is,
    'stop',
    'what REDIS_URL names as a Sentinel is none',
    'Name the Sentinels (port 26379) in REDIS_URL, or write redis:// for a Redis without Sentinel.',
  ],
  [
    'sentinelNoTls',
    /^Sentinel \S+: .*(wrong version number|packet length too long)/i,
    'stop',
    'its Sentinels speak no TLS on that port',
    'Use redis+sentinel:// in REDIS_URL, or the TLS port of the Sentinels.',
  ],
  [
    'sentinelCertificate',
    /^Sentinel \S+: .*certificate/i,
    'stop',
    'the certificate of its Sentinels is not trusted here',
    'Set NODE_EXTRA_CA_CERTS to the file of the authority that signed it, and name the Sentinels in REDIS_URL as it does.',
  ],
  [
    'noSentinel',
    /^All sentinels are unreachable/i,
    'wait',
    'no Sentinel of REDIS_URL answers',
    'See that the Sentinels run, that REDIS_URL names their hosts and ports (26379), and that no firewall is in between.',
  ],
  [
    'noSuchPrimary',
    /No such master|IDONTKNOW/i,
    'stop',
    'its Sentinels know no primary of the name in REDIS_URL',
    'Correct the name after the hosts in REDIS_URL: redis+sentinel://host:26379/NAME.',
  ],
];
