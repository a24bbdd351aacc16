import { createHash, type Hash } from 'node:crypto';
import type { Redis } from 'ioredis';
import { type Keeping, plainKeeping } from './seal/seal.ts';
import { maskSecrets } from '../../handlers/redaction/redact.ts';

export const keptLimits: CaptureLimits = { headBytes: 8 * 1024, tailBytes: 24 * 1024 };

/** Of more than this the host makes the hash itself: it would be a third of what a worker does with a large output. */
export const hashedMostBytes = 1024 * 1024;

/** What Redis keeps of an output; the whole stays on the host. */
export interface KeptOutput {
  readonly head: Buffer;
  readonly tail: Buffer;
  /** Bytes of the output that head and tail are of. */
  readonly sizeBytes: number;
  /** Bytes of its text, which are others where secrets are masked. Absent: as many. */
  readonly textBytes?: number;
}

/** Takes output as it arrives, in constant memory. */
export interface OutputCapture {
  readonly add: (bytes: Buffer) => void;
  readonly kept: () => KeptOutput;
  /** SHA-256 of all bytes, hexadecimal; undefined when the capture began in the middle, or when there are many of them. */
  readonly sha256: () => string | undefined;
}

export interface CaptureLimits {
  readonly headBytes: number;
  readonly tailBytes: number;
}

/** `from`: what was kept of an output that goes on; it goes on behind `sizeBytes`. */
export function openOutputCapture(
  from: KeptOutput = nothing,
  { headBytes, tailBytes }: CaptureLimits = keptLimits,
): OutputCapture {
  let { head, tail, sizeBytes, textBytes = sizeBytes } = from;
  let hash: Hash | undefined = sizeBytes === 0 ? createHash('sha256') : undefined;
  return {
    add: (bytes) => {
      sizeBytes += bytes.length;
      if (sizeBytes > hashedMostBytes) hash = undefined;
      hash?.update(bytes);
      textBytes += bytes.length;
      // Of an output that goes on, the head may be cut already.
      if (head.length < headBytes && head.length === textBytes - bytes.length)
        head = Buffer.concat([head, bytes.subarray(0, headBytes - head.length)]);
      tail =
        bytes.length >= tailBytes
          ? Buffer.from(bytes.subarray(-tailBytes))
          : Buffer.concat([
              tail.subarray(Math.max(0, tail.length + bytes.length - tailBytes)),
              bytes,
            ]);
    },
    kept: () => ({ head, tail, sizeBytes, textBytes }),
    sha256: () => hash?.copy().digest('hex'),
  };
}

/** The kept output as text: whole while head and tail meet, else with a line that says how much is left out. */
export function keptOutputText({
  head,
  tail,
  sizeBytes,
  textBytes = sizeBytes,
}: KeptOutput): string {
  const overlap = head.length + tail.length - textBytes;
  if (overlap >= 0) return decode(Buffer.concat([head, tail.subarray(overlap)]));
  return `${decode(head)}\n… ${-overlap} bytes left out; the whole output is on the host …\n${decode(tail)}`;
}

/** The last lines of the output, without secrets, at most `lines` of them and 2,000 characters. */
export function lastOutputLines({ tail }: KeptOutput, lines = 12): string {
  const text = maskSecrets(decode(tail)).trimEnd().split('\n').slice(-lines).join('\n');
  // Cut between characters: half a surrogate pair is none.
  return text.slice(-2000).replace(/^[\uDC00-\uDFFF]/, '');
}

export interface Outputs {
  readonly save: (run: string, exec: string, output: KeptOutput) => Promise<void>;
  readonly read: (run: string, exec: string) => Promise<KeptOutput | undefined>;
}

export const outputKey = (run: string, exec: string): string =>
  `hopscotch:run:${run}:output:${exec}`;

export function openOutputs(redis: Redis, { seal, keptSeconds }: Keeping = plainKeeping): Outputs {
  return {
    // One HSET, so that the bytes kept and their count cannot disagree after a crash.
    save: async (run, exec, { head, tail, sizeBytes, textBytes = sizeBytes }) => {
      const key = outputKey(run, exec);
      const sealed = { head: seal.seal(head, `${key} head`), tail: seal.seal(tail, `${key} tail`) };
      await Promise.all([
        redis.hset(key, { ...sealed, sizeBytes, textBytes }),
        redis.expire(key, keptSeconds),
      ]);
    },
    read: async (run, exec) => {
      const key = outputKey(run, exec);
      const { head, tail, sizeBytes, textBytes } = await redis.hgetallBuffer(key);
      if (head === undefined || tail === undefined || sizeBytes === undefined) return undefined;
      const opened = [seal.open(head, `${key} head`), seal.open(tail, `${key} tail`)] as const;
      return opened[0] === undefined || opened[1] === undefined
        ? undefined
        : {
            head: opened[0],
            tail: opened[1],
            sizeBytes: Number(sizeBytes),
            // Absent from what earlier versions kept.
            textBytes: Number(textBytes ?? sizeBytes),
          };
    },
  };
}

/** Outputs that earlier versions kept for ever go as those of this one do, counted from now. Answers how many there were. */
export async function expireEarlierOutputs(
  redis: Redis,
  { keptSeconds }: Keeping,
): Promise<number> {
  let count = 0;
  let cursor = '0';
  do {
    const [next, keys] = await redis.scan(cursor, 'MATCH', outputKey('*', '*'), 'COUNT', 500);
    for (const key of keys) {
      if ((await redis.ttl(key)) === -1) count += await redis.expire(key, keptSeconds);
    }
    cursor = next;
  } while (cursor !== '0');
  return count;
}

const nothing: KeptOutput = { head: Buffer.alloc(0), tail: Buffer.alloc(0), sizeBytes: 0 };

/** Decodes UTF-8; a character cut in two at either end is left out, and wrong bytes show as U+FFFD. */
function decode(bytes: Buffer): string {
  let start = 0;
  while (start < Math.min(3, bytes.length) && ((bytes[start] ?? 0) & 0xc0) === 0x80) start += 1;
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes.subarray(start), {
    stream: true,
  });
}
