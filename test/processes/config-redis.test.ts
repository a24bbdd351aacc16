import { describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { redisOptions } from '../../jobs/redis/reach/url.ts';

describe('a Redis URL', () => {
  it.each([
    ['redis://localhost', { host: 'localhost', port: 6379 }],
    ['REDIS://Redis.example.org:7000/3', { host: 'Redis.example.org', port: 7000, db: 3 }],
    ['redis://[2001:db8::1]:6380/', { host: '2001:db8::1', port: 6380 }],
    ['redis://ann:p%40ss%3A%2F@h', { host: 'h', port: 6379, username: 'ann', password: 'p@ss:/' }],
    ['redis://:pw@h', { host: 'h', port: 6379, password: 'pw' }],
    ['redis://:a:b@h', { host: 'h', port: 6379, password: 'a:b' }],
    [
      'rediss://:pw@redis.example.org:6380',
      {
        host: 'redis.example.org',
        port: 6380,
        password: 'pw',
        tls: { servername: 'redis.example.org' },
      },
    ],
    ['rediss://192.0.2.1', { host: '192.0.2.1', port: 6379, tls: {} }],
    ['/run/a%20b.sock', { path: '/run/a%20b.sock' }],
    ['unix:///run/my%20redis.sock', { path: '/run/my redis.sock' }],
    ['unix://:pw@/run/redis.sock', { path: '/run/redis.sock', password: 'pw' }],
    [
      'redis+sentinel://s1/mymaster',
      { sentinels: [{ host: 's1', port: 26379 }], name: 'mymaster' },
    ],
    [
      'redis+sentinel://ann:pw@s1:1,[::1]:2,s3/main/4?sentinel_username=watch&sentinel_password=s%26w',
      {
        sentinels: [
          { host: 's1', port: 1 },
          { host: '::1', port: 2 },
          { host: 's3', port: 26379 },
        ],
        name: 'main',
        db: 4,
        username: 'ann',
        password: 'pw',
        sentinelUsername: 'watch',
        sentinelPassword: 's&w',
      },
    ],
    [
      'rediss+sentinel://s1/main',
      {
        sentinels: [{ host: 's1', port: 26379 }],
        name: 'main',
        enableTLSForSentinelMode: true,
        tls: {},
        sentinelTLS: {},
      },
    ],
  ])('%s is understood', (url, expected) => {
    expect(redisOptions(url)).toEqual(expected);
  });

  const place = 'expected host or host:port, an IPv6 address in brackets';
  const forms = /^expected redis:\/\/, rediss:\/\/, unix:\/\/\/, redis\+sentinel:\/\//;
  it.each([
    ['', forms],
    ['localhost:6379', forms],
    ['http://h', forms],
    ['redis://', forms],
    ['redis://h:x', place],
    ['redis://h:0', 'expected a port from 1 to 65535'],
    ['redis://h:65536', 'expected a port from 1 to 65535'],
    ['redis://::1', place],
    ['redis://[::g]', place],
    ['redis://[1.2]', place],
    ['redis://:pw@', forms],
    ['redis://h/x', 'expected a database number at the end'],
    ['redis://h/0/1', 'expected a database number after the host'],
    ['redis://h1,h2', 'expected one host; several are for redis+sentinel://'],
    ['redis://:%zz@h', 'expected %-escapes of two hexadecimal digits; write a bare % as %25'],
    ['rediss://h?tls=no', /^found the option tls, expected only sentinel_username/],
    ['unix://run/redis.sock', 'expected unix:/// with three slashes and an absolute path'],
    ['redis+sentinel://s1,s2', /^expected the name of the master after the hosts/],
    ['redis+sentinel://s1/', /^expected the name of the master after the hosts/],
    ['redis+sentinel://s1/m/0/1', /^expected the name of the master after the hosts/],
    ['redis+sentinel://s1,/m', place],
    ['redis+sentinel://s1/m?sentinel_pasword=x', /^found the option sentinel_pasword/],
  ])('%s is refused', (url, expected) => {
    expect(() => redisOptions(url)).toThrow(expected);
  });

  it('gives options that ioredis takes as they are', () => {
    const redis = new Redis({
      ...redisOptions('redis+sentinel://:pw@s1/main/2'),
      lazyConnect: true,
    });
    expect(redis.options).toMatchObject({ name: 'main', db: 2, password: 'pw', role: 'master' });
    redis.disconnect();
  });
});
