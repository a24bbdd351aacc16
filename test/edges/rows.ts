import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';

// Every way in which a host, Redis or Slack refuses: what it says, from which source, and how a real one is made to say it.

const words = z.array(z.string());
const about = {
  from: z.string(),
  /** A test of another file that plays it on the real server. */
  test: z.string().optional(),
};
const Channel = z.strictObject({ message: z.string(), reason: z.number().optional() });

export const SshRow = z.strictObject({
  ...about,
  heard: z.string(),
  seen: z
    .strictObject({
      stage: z.enum(['dialling', 'version', 'keys', 'login']),
      message: z.string(),
      code: z.union([z.string(), z.number()]).optional(),
      level: z.string().optional(),
      greeting: z.string().optional(),
      methods: words.optional(),
      isKeyAccepted: z.boolean().optional(),
    })
    .optional(),
  hostKey: z
    .strictObject({
      verdict: z.enum(['unknown', 'changed', 'revoked']),
      uncertified: z.string().optional(),
    })
    .optional(),
  forward: Channel.optional(),
  session: Channel.optional(),
  /** What the login says in the place of a shell. */
  shell: z.strictObject({ exit: z.int(), said: z.string() }).optional(),
  file: z.string().optional(),
  on: z
    .strictObject({
      /** Lines of sshd_config of the host, and of the bastion before it. */
      sshd: words.optional(),
      bastion: words.optional(),
      /** What a server says in the place of an sshd, before it ends or falls silent. */
      greets: z.string().optional(),
      silent: z.boolean().optional(),
      nobody: z.boolean().optional(),
    })
    .optional(),
});
export type SshRow = z.infer<typeof SshRow>;

export const RedisRow = z.strictObject({
  ...about,
  error: z.string().optional(),
  system: z.string().optional(),
  info: z.string().optional(),
  on: z
    .strictObject({
      config: words.optional(),
      /** What we log in with. */
      password: z.string().optional(),
      before: words.optional(),
      /** All connections are taken. */
      full: z.boolean().optional(),
      ask: words.optional(),
      /** Asked meanwhile, by another connection. */
      other: words.optional(),
      /** A port that speaks TLS, and whether we do. */
      tls: z
        .enum(['self-signed', 'unspoken', 'client-certificate', 'other-cipher', 'old-version'])
        .optional(),
      url: z.string().optional(),
    })
    .optional(),
});
export type RedisRow = z.infer<typeof RedisRow>;

export const SlackRow = z.strictObject({
  ...about,
  method: z.string(),
  error: z.string().optional(),
  status: z.number().optional(),
  retryAfter: z.number().optional(),
  never: z.boolean().optional(),
  /** The reason of a `disconnect`. */
  closed: z.string().optional(),
});
export type SlackRow = z.infer<typeof SlackRow>;

const read = <T>(name: string, row: z.ZodType<T>): T[] =>
  z.array(row).parse(parse(readFileSync(join(import.meta.dirname, `${name}.yaml`), 'utf8')));

export const sshRows = read('ssh', SshRow);
export const redisRows = read('redis', RedisRow);
export const slackRows = read('slack', SlackRow);
