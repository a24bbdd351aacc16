import { createHmac, randomBytes } from 'node:crypto';
import { mkdir, open, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Redis } from 'ioredis';
import { OperatorError } from '../../../handlers/contract/errors.ts';
import type { Secret } from '../../ssh/secret.ts';
import { type Keeping, openMarks, openSeal } from './seal.ts';

/** What makes a key, for hints. */
export const keyCommand = 'openssl rand -base64 32';

const keyBytes = 32;
const keyCheck = 'hopscotch:key';

/** Where the key comes from, and for how many days what it seals is kept. */
export interface KeepingSettings {
  readonly key?: Secret;
  readonly keyFile?: string;
  readonly keptDays: number;
}

/** Throws `NoKey`, or `OtherKey` where Redis was written with another one. */
export async function openKeeping(
  { key: text, keyFile, keptDays }: KeepingSettings,
  redis: Pick<Redis, 'set' | 'get'>,
): Promise<Keeping> {
  const key = text === undefined ? keyFile && (await keyOfFile(keyFile)) : keyOfText(text.reveal());
  if (key === undefined || key === '') throw new Error('settings have a key or its file');
  await requireKey(redis, key);
  return { seal: openSeal(key), keptSeconds: keptDays * 24 * 3600, mark: openMarks(key) };
}

/** The 256 bits that a text stands for, in base64 or as hexadecimal digits; undefined for any other text. */
export function keyOfText(text: string): Buffer | undefined {
  const bare = text.trim();
  if (/^[0-9a-f]{64}$/i.test(bare)) return Buffer.from(bare, 'hex');
  if (!/^[A-Za-z0-9+/_-]{43}=?$/.test(bare)) return undefined;
  const key = Buffer.from(bare, 'base64');
  return key.length === keyBytes ? key : undefined;
}

/** Throws `NoKey` for a file that cannot be read or holds something else. */
export async function keyOfFile(path: string): Promise<Buffer> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new OperatorError(`reading the key in ${path}: ${codeOf(cause)}`, {
      name: 'NoKey',
      hint: `Give HOPSCOTCH_KEY_FILE a file that this user can read, made with: ${keyCommand} >FILE`,
      cause,
    });
  });
  const key = keyOfText(text);
  if (key !== undefined) return key;
  throw new OperatorError(`reading the key in ${path}: it is not 32 bytes in base64`, {
    name: 'NoKey',
    hint: `Make a key with: ${keyCommand} >${path}`,
  });
}

/** The file of the key that Hopscotch makes for its private Redis, beside that one's own folder. Makes it where there is none. */
export async function ownKeyFile(dataDir: string): Promise<string> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const path = resolve(join(dataDir, 'key'));
  try {
    const file = await open(path, 'wx', 0o600);
    await file.writeFile(`${randomBytes(keyBytes).toString('base64')}\n`);
    await file.close();
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  }
  return path;
}

/**
 * Throws `OtherKey` where Redis was written with another key. The first process leaves a mark of its key there, which tells
 * nothing of the key.
 */
export async function requireKey(redis: Pick<Redis, 'set' | 'get'>, key: Buffer): Promise<void> {
  const mark = createHmac('sha256', key).update('the mark of this key').digest('base64');
  await redis.set(keyCheck, mark, 'NX');
  if ((await redis.get(keyCheck)) === mark) return;
  throw new OperatorError(
    'starting on a Redis that was written with another key: nothing that it keeps encrypted could be read',
    {
      name: 'OtherKey',
      hint: `Give HOPSCOTCH_KEY or HOPSCOTCH_KEY_FILE the key that its other processes have. Where that is lost for good: redis-cli DEL ${keyCheck} lets a new one in; runs until now still read, cannot go on or be rolled back, and show no output.`,
    },
  );
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : String(error);
