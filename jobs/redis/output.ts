import { createHash, type Hash } from 'node:crypto';
import type { Redis } from 'ioredis';
import { maskSecrets } from '../../handlers/redaction/redact.ts';

const headBytes = 8 * 1024;
const tailBytes = 24 * 1024;

/** What Redis keeps of an output; the whole stays on the host. */
export interface KeptOutput {
  readonly head: Buffer;
  readonly tail: Buffer;
  /** Bytes seen in all. */
  readonly sizeBytes: number;
}

/** Takes output as it arrives, in constant memory. */
export interface OutputCapture {
  readonly add: (bytes: Buffer) => void;
  readonly kept: () => KeptOutput;
  /** SHA-256 of all bytes, hexadecimal; undefined when the capture began in the middle. */
  readonly sha256: () => string | undefined;
}

export function openOutputCapture(from: KeptOutput = nothing): OutputCapture {
  let { head, tail, sizeBytes } = from;
  const hash: Hash | undefined = sizeBytes === 0 ? createHash('sha256') : undefined;
  return {
    add: (bytes) => {
      hash?.update(bytes);
      sizeBytes += bytes.length;
      if (head.length < headBytes)
        head = Buffer.concat([head, bytes.subarray(0, headBytes - head.length)]);
      tail =
        bytes.length >= tailBytes
          ? Buffer.from(bytes.subarray(-tailBytes))
          : Buffer.concat([
              tail.subarray(Math.max(0, tail.length + bytes.length - tailBytes)),
              bytes,
            ]);
    },
    kept: () => ({ head, tail, sizeBytes }),
    sha256: () => hash?.copy().digest('hex'),
  };
}

/** The kept output as text: whole while head and tail meet, else with a line that says how much is left out. */
export function keptOutputText({ head, tail, sizeBytes }: KeptOutput): string {
  const overlap = head.length + tail.length - sizeBytes;
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

export function openOutputs(redis: Redis): Outputs {
  return {
    // One HSET, so that the bytes kept and their count cannot disagree after a crash.
    save: async (run, exec, { head, tail, sizeBytes }) => {
      await redis.hset(outputKey(run, exec), { head, tail, sizeBytes });
    },
    read: async (run, exec) => {
      const { head, tail, sizeBytes } = await redis.hgetallBuffer(outputKey(run, exec));
      return head === undefined || tail === undefined || sizeBytes === undefined
        ? undefined
        : { head, tail, sizeBytes: Number(sizeBytes) };
    },
  };
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
