import { isIP } from 'node:net';
import { z } from 'zod';
import { OperatorError } from '../handlers/contract/errors.ts';
import { redisOptions, RedisUrlError } from '../jobs/redis/reach/url.ts';
import { type KeepingSettings, keyCommand, keyOfText } from '../jobs/redis/seal/key.ts';
import { type Secret, secret } from '../jobs/ssh/secret.ts';
import type { SlackConfig, SlackMode } from '../bot/slack/settings.ts';

/** Which half of Hopscotch a process is. A worker never talks to Slack. */
export type ProcessRole = 'bot' | 'worker' | 'all';

export interface Config {
  /** Unset for a worker. */
  readonly slack?: SlackConfig;
  /** For `redisOptions`; it may hold a password. Unset: the embedded Redis under `dataDir`. */
  readonly redisUrl?: Secret;
  /** How long what Slack confirmed of accounts and groups counts while Slack is silent. */
  readonly confirmedMs: number;
  readonly keeping: KeepingSettings;
  readonly cloudsDir: string;
  readonly runbooksDir: string;
  readonly dataDir: string;
  /** Where runs are kept in files that ended long ago. Unset: under `dataDir` with the embedded Redis, else they stay in Redis. */
  readonly archiveDir?: string;
  /** Where the local door is. Unset: under `dataDir`. */
  readonly doorDir?: string;
  readonly logLevel: z.infer<typeof logLevel>;
}

const token = (prefix: string, what: string) =>
  z
    .string()
    .regex(new RegExp(`^${prefix}\\S+$`), `expected ${what}, which begins with ${prefix}`)
    .transform(secret);

const logLevel = z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']);

/** Every variable that Hopscotch reads. */
export const Environment = z.object({
  SLACK_BOT_TOKEN: token('xoxb-', 'the bot token of the Slack app').optional(),
  SLACK_APP_TOKEN: token('xapp-', 'an app-level token with connections:write').optional(),
  SLACK_SIGNING_SECRET: z
    .string()
    .regex(/^\S+$/, 'expected the signing secret of the Slack app, without spaces')
    .transform(secret)
    .optional(),
  PORT: z.string().refine(isPort, 'expected a port from 1 to 65535').transform(Number).optional(),
  LISTEN_HOST: z
    .string()
    .refine((host) => isIP(host) !== 0, 'expected an IP address such as 127.0.0.1')
    .optional(),
  SLACK_API_URL: z
    .string()
    .regex(/^https?:\/\/[^\s/?#]+[^\s?#]*$/, 'expected a URL such as https://slack.com/api/')
    .transform((url) => (url.endsWith('/') ? url : `${url}/`))
    .optional(),
  SLACK_CONFIRMED_HOURS: z
    .string()
    .refine(
      (hours) => /^\d{1,3}$/.test(hours) && Number(hours) <= 168,
      'expected hours from 0 to 168',
    )
    .transform(Number)
    .default(24),
  REDIS_URL: z
    .string()
    .superRefine((url, context) => {
      const problem = redisProblem(url);
      if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
    })
    .transform(secret)
    .optional(),
  HOPSCOTCH_KEY: z
    .string()
    .refine(
      (text) => keyOfText(text) !== undefined,
      `expected 32 bytes in base64, as of: ${keyCommand}`,
    )
    .transform(secret)
    .optional(),
  HOPSCOTCH_KEY_FILE: z.string().optional(),
  KEPT_DAYS: z
    .string()
    .refine(
      (days) => /^\d{1,4}$/.test(days) && Number(days) >= 1 && Number(days) <= 3660,
      'expected days from 1 to 3660',
    )
    .transform(Number)
    .default(30),
  CLOUDS_DIR: z.string().default('./clouds'),
  RUNBOOKS_DIR: z.string().default('./runbooks'),
  DATA_DIR: z.string().default('./data'),
  ARCHIVE_DIR: z.string().optional(),
  DOOR_DIR: z.string().optional(),
  LOG_LEVEL: logLevel.default('info'),
});
type Environment = z.infer<typeof Environment>;

/**
 * The settings of a process out of its environment, where an empty variable is an unset one. Throws one `BadConfig` that
 * lists every variable that is wrong; no value is shown, as most are secret.
 */
export function loadConfig(
  env: Readonly<Record<string, string | undefined>>,
  role: ProcessRole = 'all',
): Config {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const parsed = Environment.safeParse(given, { error: expectation });
  const malformed = parsed.error?.issues.map(
    ({ path, message }) => `${path.join('.')}: ${message}`,
  );
  const problems = [
    ...(malformed ?? []),
    ...(role === 'worker' ? [] : missing(given)),
    ...keyProblems(given),
  ];
  if (!parsed.success || problems.length > 0) throw badConfig(problems);

  const { data } = parsed;
  const slack = role === 'worker' ? undefined : slackOf(data);
  return {
    ...(slack && { slack }),
    ...(data.REDIS_URL && { redisUrl: data.REDIS_URL }),
    confirmedMs: data.SLACK_CONFIRMED_HOURS * 3_600_000,
    keeping: {
      ...(data.HOPSCOTCH_KEY && { key: data.HOPSCOTCH_KEY }),
      ...(data.HOPSCOTCH_KEY_FILE !== undefined && { keyFile: data.HOPSCOTCH_KEY_FILE }),
      keptDays: data.KEPT_DAYS,
    },
    cloudsDir: data.CLOUDS_DIR,
    runbooksDir: data.RUNBOOKS_DIR,
    dataDir: data.DATA_DIR,
    ...(data.ARCHIVE_DIR !== undefined && { archiveDir: data.ARCHIVE_DIR }),
    ...(data.DOOR_DIR !== undefined && { doorDir: data.DOOR_DIR }),
    logLevel: data.LOG_LEVEL,
  };
}

/** What Slack needs and is not there: whether it is well written is said elsewhere. */
function missing(given: Readonly<Record<string, string | undefined>>): string[] {
  const { SLACK_BOT_TOKEN: bot, SLACK_APP_TOKEN: app, SLACK_SIGNING_SECRET: signing, PORT } = given;
  const mode =
    app !== undefined && signing !== undefined
      ? 'SLACK_APP_TOKEN, SLACK_SIGNING_SECRET: both are set, expected one: the token for Socket Mode, the secret for HTTP'
      : app === undefined && signing === undefined
        ? 'SLACK_APP_TOKEN: missing, expected it for Socket Mode, or SLACK_SIGNING_SECRET and PORT for HTTP'
        : signing !== undefined && PORT === undefined
          ? 'PORT: missing, expected the port that Slack sends its requests to, as SLACK_SIGNING_SECRET is set'
          : undefined;
  return [
    ...(bot === undefined ? ['SLACK_BOT_TOKEN: missing, expected the bot token, xoxb-...'] : []),
    ...(mode === undefined ? [] : [mode]),
  ];
}

/** A Redis that others can read is given a key; the private one makes its own. */
function keyProblems(given: Readonly<Record<string, string | undefined>>): string[] {
  const { HOPSCOTCH_KEY: key, HOPSCOTCH_KEY_FILE: file, REDIS_URL } = given;
  if (key !== undefined && file !== undefined)
    return ['HOPSCOTCH_KEY, HOPSCOTCH_KEY_FILE: both are set, expected one'];
  return REDIS_URL !== undefined && key === undefined && file === undefined
    ? [
        `HOPSCOTCH_KEY: missing, expected the key of all that shares REDIS_URL, in it or in the file HOPSCOTCH_KEY_FILE; make one with: ${keyCommand}`,
      ]
    : [];
}

function slackOf(data: Environment): SlackConfig | undefined {
  const mode = modeOf(data);
  if (mode === undefined || data.SLACK_BOT_TOKEN === undefined) return undefined;
  return {
    botToken: data.SLACK_BOT_TOKEN,
    mode,
    ...(data.SLACK_API_URL !== undefined && { apiUrl: data.SLACK_API_URL }),
  };
}

function modeOf(data: Environment): SlackMode | undefined {
  const { SLACK_APP_TOKEN: app, SLACK_SIGNING_SECRET: signing, PORT, LISTEN_HOST: host } = data;
  if (app !== undefined) return { type: 'socket', appToken: app };
  if (signing === undefined || PORT === undefined) return undefined;
  return { type: 'http', signingSecret: signing, port: PORT, ...(host && { host }) };
}

const expectation = (issue: z.core.$ZodRawIssue): string | undefined =>
  issue.code === 'invalid_value' ? `expected one of ${issue.values.join(', ')}` : undefined;

function isPort(text: string): boolean {
  return /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65535;
}

function redisProblem(url: string): string | undefined {
  try {
    redisOptions(url);
    return undefined;
  } catch (error) {
    if (error instanceof RedisUrlError) return error.message;
    throw error;
  }
}

function badConfig(problems: readonly string[]): OperatorError {
  const count = problems.length === 1 ? '1 variable is' : `${problems.length} variables are`;
  return new OperatorError([`reading the environment: ${count} wrong`, ...problems].join('\n'), {
    name: 'BadConfig',
    hint: 'Set them as .env.example says, and start again.',
  });
}
