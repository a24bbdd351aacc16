import {
  type CaptureLimits,
  type KeptOutput,
  type OutputCapture,
  keptLimits,
} from '../redis/output.ts';

/** How much of an output a worker has in memory as it came: enough around what it keeps for secrets to be told. */
export const capturedLimits: CaptureLimits = { headBytes: 12 * 1024, tailBytes: 32 * 1024 };

interface Redacting {
  readonly redact: (text: string) => string;
  /** For a head that is full. */
  readonly redactHead?: (text: string) => string;
}

/**
 * What may leave the worker of an output: head and tail with their secrets masked. While it goes on, the line that is being
 * written is left out, and belongs to what is still to be read: its end may show what its beginning is.
 */
export function redactedOutput(
  { head, tail, sizeBytes, textBytes = sizeBytes }: KeptOutput,
  { redact, redactHead = redact }: Redacting,
  isOver: boolean,
): KeptOutput {
  const overlap = head.length + tail.length - textBytes;
  const isWhole = overlap >= 0;
  const end = isWhole ? Buffer.concat([head, tail.subarray(overlap)]) : tail;
  const unread = isOver ? 0 : unfinished(end);
  const shown = redactedBytes(end.subarray(0, end.length - unread), redact);
  const first = isWhole ? shown : redactedBytes(head, redactHead);
  const kept = {
    head: first.subarray(0, keptLimits.headBytes),
    tail: shown.subarray(Math.max(0, shown.length - keptLimits.tailBytes)),
    sizeBytes: sizeBytes - unread,
  };
  if (isWhole) return { ...kept, textBytes: shown.length };
  const leftOut = Math.max(1, textBytes - unread - keptLimits.headBytes - keptLimits.tailBytes);
  return { ...kept, textBytes: kept.head.length + kept.tail.length + leftOut };
}

/** The same for an output that grows: nothing is looked at once more that has not changed. */
export function redactedCapture(
  { kept }: Pick<OutputCapture, 'kept'>,
  redact: (text: string) => string,
): (isOver: boolean) => KeptOutput {
  let last: { readonly of: string; readonly shown: KeptOutput } | undefined;
  const texts = new Map<string, string>();
  // The head stays once it is full: its text is the same each time.
  const once = (text: string): string => {
    const known = texts.get(text) ?? redact(text);
    texts.clear();
    texts.set(text, known);
    return known;
  };
  return (isOver) => {
    const now = kept();
    const of = `${now.sizeBytes} ${isOver}`;
    if (last?.of !== of)
      last = { of, shown: redactedOutput(now, { redact, redactHead: once }, isOver) };
    return last.shown;
  };
}

/** Bytes that are not changed stay as they are, also those that are no text. */
function redactedBytes(bytes: Buffer, redact: (text: string) => string): Buffer {
  const text = bytes.toString();
  const redacted = redact(text);
  return redacted === text ? bytes : Buffer.from(redacted);
}

/** The length of the last line that has not ended; of an endless one, as much as a secret is long. */
function unfinished(bytes: Buffer): number {
  const end = Math.max(bytes.lastIndexOf('\n'), bytes.lastIndexOf('\r'));
  const length = bytes.length - end - 1;
  return length > longestLine ? longestSecret : length;
}

const longestLine = 8 * 1024;
const longestSecret = 512;
