/** How contents and outputs stand in Redis: encrypted, and gone some time after nobody needs them. */
import type { RunArchive } from '../archive/files.ts';
import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';

/** `place` is where a value stands, such as a key and a field: moved to another place it does not open. */
export interface Seal {
  readonly seal: (plain: Buffer, place: string) => Buffer;
  /** What earlier versions stored in plain is answered as it is. Undefined for what this key does not open. */
  readonly open: (stored: Buffer, place: string) => Buffer | undefined;
}

export interface Keeping {
  readonly seal: Seal;
  /** How long contents are kept after the end of their run, and outputs after their last byte. */
  readonly keptSeconds: number;
  /** Where runs are that ended longer ago. Absent: all are in Redis. */
  readonly archive?: RunArchive;
  /** What stands for a secret in the words of a run: the same for the same secret, and nothing of it without the key. */
  readonly mark: (run: string, secret: string) => string;
}

/** Tells a few secrets of a run apart, and says too little of any to be guessed by. */
export const openMarks =
  (key: Buffer): Keeping['mark'] =>
  (run, secret) => {
    const digest = createHmac('sha256', key)
      .update(JSON.stringify(['mark', run, secret]))
      .digest('hex');
    return `[REDACTED-${digest.slice(0, 4)}]`;
  };

/** AES-256-GCM with a random nonce, under a key of the place's own, so that no nonce can come up twice under one key. */
export function openSeal(key: Buffer): Seal {
  const keyOf = (place: string): Buffer => createHmac('sha256', key).update(place).digest();
  return {
    seal: (plain, place) => {
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv('aes-256-gcm', keyOf(place), nonce);
      return Buffer.concat([
        MARK,
        nonce,
        cipher.update(plain),
        cipher.final(),
        cipher.getAuthTag(),
      ]);
    },
    open: (stored, place) => {
      if (!stored.subarray(0, MARK.length).equals(MARK)) return stored;
      const body = stored.subarray(MARK.length);
      const [nonce, sealed, tag] = [
        body.subarray(0, nonceBytes),
        body.subarray(nonceBytes, -tagBytes),
        body.subarray(-tagBytes),
      ];
      try {
        const decipher = createDecipheriv('aes-256-gcm', keyOf(place), nonce);
        decipher.setAuthTag(tag);
        return Buffer.concat([decipher.update(sealed), decipher.final()]);
      } catch {
        return undefined;
      }
    },
  };
}

/** Writes in plain, and reads what is: for a store that holds no secrets, such as a test's. */
export const plainKeeping: Keeping = {
  seal: { seal: (plain) => plain, open: (stored) => stored },
  keptSeconds: 30 * 24 * 3600,
  mark: openMarks(randomBytes(32)),
};

/** Texts in the JSON of a job. */
export const sealedText = (seal: Seal, text: string, place: string): string =>
  seal.seal(Buffer.from(text), place).toString('base64');

/** Undefined for what this key does not open. */
export const openedText = (seal: Seal, stored: string, place: string): string | undefined =>
  seal.open(Buffer.from(stored, 'base64'), place)?.toString();

/** No text and no output of a program begins so. */
const MARK = Buffer.from('\0hopscotch-1\0');
const nonceBytes = 12;
const tagBytes = 16;
