import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { OperatorError } from '../../handlers/contract/errors.ts';
import { Environment, loadConfig } from '../../processes/config.ts';

const socket = { SLACK_BOT_TOKEN: 'xoxb-1', SLACK_APP_TOKEN: 'xapp-2' };
const http = { SLACK_BOT_TOKEN: 'xoxb-1', SLACK_SIGNING_SECRET: 'abc', PORT: '3000' };

const key = Buffer.alloc(32, 200).toString('base64');

function problems(...args: Parameters<typeof loadConfig>): string[] {
  try {
    loadConfig(...args);
  } catch (error) {
    expect(error).toMatchObject({
      name: 'BadConfig',
      hint: expect.stringContaining('.env.example'),
    });
    return error instanceof OperatorError ? error.message.split('\n').slice(1) : [];
  }
  return [];
}

describe('the environment', () => {
  it('has defaults for all but Slack', () => {
    expect(JSON.parse(JSON.stringify(loadConfig(socket)))).toEqual({
      slack: { botToken: '[REDACTED]', mode: { type: 'socket', appToken: '[REDACTED]' } },
      confirmedMs: 86_400_000,
      keeping: { keptDays: 30 },
      cloudsDir: './clouds',
      runbooksDir: './runbooks',
      dataDir: './data',
      logLevel: 'info',
    });
  });

  it('takes every variable', () => {
    const config = loadConfig({
      ...http,
      SLACK_API_URL: 'http://127.0.0.1:4000/api',
      SLACK_CONFIRMED_HOURS: '2',
      REDIS_URL: 'rediss://:pw@redis.example.org',
      HOPSCOTCH_KEY: key,
      KEPT_DAYS: '7',
      CLOUDS_DIR: '/etc/hopscotch/clouds',
      RUNBOOKS_DIR: '/etc/hopscotch/runbooks',
      DATA_DIR: '/var/lib/hopscotch',
      LOG_LEVEL: 'debug',
    });
    expect(config).toMatchObject({
      slack: { mode: { type: 'http', port: 3000 }, apiUrl: 'http://127.0.0.1:4000/api/' },
      confirmedMs: 7_200_000,
      keeping: { keptDays: 7 },
      cloudsDir: '/etc/hopscotch/clouds',
      runbooksDir: '/etc/hopscotch/runbooks',
      dataDir: '/var/lib/hopscotch',
      logLevel: 'debug',
    });
    expect(config.slack?.botToken.reveal()).toBe('xoxb-1');
    expect(config.redisUrl?.reveal()).toBe('rediss://:pw@redis.example.org');
  });

  it('shows no secret however it is printed', () => {
    const secrets = new RegExp(`xoxb-1|xapp-2|abc|pw@|${key}`);
    for (const env of [socket, http]) {
      const config = loadConfig({ ...env, REDIS_URL: 'redis://:pw@h', HOPSCOTCH_KEY: key });
      const { slack, redisUrl } = config;
      for (const printed of [
        JSON.stringify(config),
        inspect(config, { depth: null, showHidden: true, customInspect: false }),
        inspect(config, { depth: null }),
        [slack?.botToken, redisUrl].join(),
      ])
        expect(printed).not.toMatch(secrets);
      expect(inspect(config, { depth: null })).toContain('botToken: [REDACTED]');
    }
  });

  it('wants a key wherever others may read Redis, and says how to make one', () => {
    const shared = { ...socket, REDIS_URL: 'redis://h' };
    expect(problems(shared)).toEqual([
      expect.stringMatching(/^HOPSCOTCH_KEY: missing, .* make one with: openssl rand -base64 32$/),
    ]);
    expect(problems({ ...shared, HOPSCOTCH_KEY: 'hunter2' })).toEqual([
      'HOPSCOTCH_KEY: expected 32 bytes in base64, as of: openssl rand -base64 32',
    ]);
    expect(problems({ ...shared, HOPSCOTCH_KEY: key, HOPSCOTCH_KEY_FILE: '/x' })).toHaveLength(1);
    expect(loadConfig({ ...shared, HOPSCOTCH_KEY_FILE: '/x' }).keeping).toMatchObject({
      keyFile: '/x',
    });
  });

  it('needs nothing of Slack for a worker', () => {
    expect(loadConfig({}, 'worker').slack).toBeUndefined();
    expect(loadConfig(socket, 'worker').slack).toBeUndefined();
    expect(problems({}, 'bot')).toHaveLength(2);
  });

  it('listens for HTTP where it is told to', () => {
    expect(loadConfig({ ...http, LISTEN_HOST: '127.0.0.1' }).slack?.mode).toMatchObject({
      type: 'http',
      port: 3000,
      host: '127.0.0.1',
    });
    expect(problems({ ...http, LISTEN_HOST: 'localhost:3000' })).toEqual([
      'LISTEN_HOST: expected an IP address such as 127.0.0.1',
    ]);
  });

  it('takes Socket Mode where a platform sets PORT', () => {
    expect(loadConfig({ ...socket, PORT: '8080' }).slack?.mode.type).toBe('socket');
  });

  it('takes an empty variable for an unset one', () => {
    expect(
      loadConfig({ ...socket, SLACK_SIGNING_SECRET: '', REDIS_URL: '', LOG_LEVEL: '' }),
    ).toEqual(expect.not.objectContaining({ redisUrl: expect.anything() }));
  });

  it.each([
    [
      'nothing',
      {},
      [
        'SLACK_BOT_TOKEN: missing, expected the bot token, xoxb-...',
        'SLACK_APP_TOKEN: missing, expected it for Socket Mode, or SLACK_SIGNING_SECRET and PORT for HTTP',
      ],
    ],
    [
      'both ways to reach Slack',
      { ...socket, ...http },
      [
        'SLACK_APP_TOKEN, SLACK_SIGNING_SECRET: both are set, expected one: the token for Socket Mode, the secret for HTTP',
      ],
    ],
    [
      'HTTP without a port',
      { ...http, PORT: undefined },
      [
        'PORT: missing, expected the port that Slack sends its requests to, as SLACK_SIGNING_SECRET is set',
      ],
    ],
    [
      "tokens in each other's place",
      { SLACK_BOT_TOKEN: 'xapp-2', SLACK_APP_TOKEN: 'xoxb-1' },
      [
        'SLACK_BOT_TOKEN: expected the bot token of the Slack app, which begins with xoxb-',
        'SLACK_APP_TOKEN: expected an app-level token with connections:write, which begins with xapp-',
      ],
    ],
    [
      'a token that was left as in the example',
      { ...socket, SLACK_BOT_TOKEN: 'xoxb-' },
      ['SLACK_BOT_TOKEN: expected the bot token of the Slack app, which begins with xoxb-'],
    ],
    [
      'everything wrong at once',
      {
        SLACK_SIGNING_SECRET: 'a b',
        PORT: '70000',
        SLACK_API_URL: 'slack.com/api',
        REDIS_URL: 'http://redis',
        HOPSCOTCH_KEY: key,
        LOG_LEVEL: 'loud',
      },
      [
        'SLACK_SIGNING_SECRET: expected the signing secret of the Slack app, without spaces',
        'PORT: expected a port from 1 to 65535',
        'SLACK_API_URL: expected a URL such as https://slack.com/api/',
        'REDIS_URL: expected redis://, rediss://, unix:///, redis+sentinel:// or rediss+sentinel:// (see .env.example)',
        'LOG_LEVEL: expected one of fatal, error, warn, info, debug, trace, silent',
        'SLACK_BOT_TOKEN: missing, expected the bot token, xoxb-...',
      ],
    ],
  ])('is refused with %s', (_what, env, expected) => {
    expect(problems(env)).toEqual(expected);
  });

  it.each(['0', '65536', '-1', '80.5', '0x50', ' 80', 'http'])('takes no port %j', (port) => {
    expect(problems({ ...http, PORT: port })).toEqual(['PORT: expected a port from 1 to 65535']);
  });

  it('says how many variables are wrong, and no value of them', () => {
    expect(() =>
      loadConfig({ ...socket, REDIS_URL: 'redis://:hunter2@h:x', HOPSCOTCH_KEY: key }, 'all'),
    ).toThrow(
      [
        'reading the environment: 1 variable is wrong',
        'REDIS_URL: expected host or host:port, an IPv6 address in brackets',
      ].join('\n'),
    );
  });
});

describe('.env.example', () => {
  it('documents exactly what is read', async () => {
    const text = await readFile(join(import.meta.dirname, '../../.env.example'), 'utf8');
    const keys = [...text.matchAll(/^(?:# )?([A-Z][A-Z_]*)=/gm)].map((match) => String(match[1]));
    expect(keys.toSorted()).toEqual(Object.keys(Environment.shape).toSorted());
  });
});
