import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  type KeptOutput,
  hashedMostBytes,
  keptOutputText,
  lastOutputLines,
  openOutputCapture,
} from '../../../jobs/redis/output.ts';
import { anyCharacter } from '../../support/any-character.ts';

const headBytes = 8 * 1024;
const tailBytes = 24 * 1024;

const captured = (chunks: readonly Buffer[], from?: KeptOutput) => {
  const capture = openOutputCapture(from);
  for (const chunk of chunks) capture.add(chunk);
  return capture;
};
const whole = (text: string): KeptOutput => captured([Buffer.from(text)]).kept();

/** Cuts bytes into pieces at these places. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const ends = [...places.map((place) => place % (bytes.length + 1)), bytes.length];
  const sorted = ends.toSorted((a, b) => a - b);
  return sorted.map((end, index) => bytes.subarray(sorted[index - 1] ?? 0, end));
}

const places = fc.array(fc.nat(200_000), { maxLength: 20 });
/** Sizes around the limits, where mistakes live. */
const bytes = fc
  .tuple(
    fc.constantFrom(0, 1, headBytes, tailBytes, headBytes + tailBytes, 100_000),
    fc.integer({ min: -5, max: 5 }),
    fc.nat(),
  )
  .map(([size, more, seed]) =>
    Buffer.from(Array.from({ length: Math.max(0, size + more) }, (_, n) => (n * 31 + seed) % 256)),
  );

describe('an output', () => {
  it('keeps head, tail, size and hash however it is cut into chunks', () => {
    fc.assert(
      fc.property(bytes, places, (all, at) => {
        const capture = captured(cut(all, at));
        const { head, tail, sizeBytes } = capture.kept();
        expect(head.equals(all.subarray(0, headBytes))).toBe(true);
        expect(tail.equals(all.subarray(Math.max(0, all.length - tailBytes)))).toBe(true);
        expect(sizeBytes).toBe(all.length);
        expect(capture.sha256()).toBe(createHash('sha256').update(all).digest('hex'));
      }),
      { numRuns: 200 },
    );
  });

  it('leaves the hash of many bytes to the host', () => {
    const many = Buffer.alloc(hashedMostBytes, 'a');

    expect(captured([many]).sha256()).toBe(createHash('sha256').update(many).digest('hex'));
    expect(captured([many, Buffer.from('b')]).sha256()).toBeUndefined();
  });

  it('goes on from what was kept as if it had never stopped, but for the hash', () => {
    fc.assert(
      fc.property(bytes, places, fc.nat(100_005), (all, at, place) => {
        const middle = place % (all.length + 1);
        const before = captured(cut(all.subarray(0, middle), at)).kept();
        const resumed = captured(cut(all.subarray(middle), at), before);
        const [kept, wanted] = [resumed.kept(), captured([all]).kept()];
        expect(kept.head.equals(wanted.head) && kept.tail.equals(wanted.tail)).toBe(true);
        expect(kept.sizeBytes).toBe(wanted.sizeBytes);
        const isWhole = middle === 0;
        expect(resumed.sha256() === undefined).toBe(!isWhole);
      }),
      { numRuns: 200 },
    );
  });

  it('does not change with the buffers that it was made of', () => {
    const chunk = Buffer.from('one\n');
    const { kept, add } = openOutputCapture();
    add(chunk);
    chunk.fill('x');
    add(Buffer.from('two\n'));

    expect(keptOutputText(kept())).toBe('one\ntwo\n');
  });
});

describe('its text', () => {
  it('is whole as long as head and tail meet', () => {
    const text = fc.string({ unit: anyCharacter, maxLength: 300 });
    fc.assert(
      fc.property(text, fc.integer({ min: 1, max: 400 }), (line, times) => {
        const all = line.repeat(times);
        if (Buffer.byteLength(all) > headBytes + tailBytes) return;
        expect(keptOutputText(whole(all))).toBe(all);
      }),
      { numRuns: 200 },
    );
  });

  it('begins with the mark of byte order that the host wrote', () => {
    expect(keptOutputText(whole('\uFEFFone'))).toBe('\uFEFFone');
  });

  it('says how much is left out between head and tail', () => {
    const all = Buffer.from(Array.from({ length: 10_000 }, (_, n) => `line ${n}\n`).join(''));

    const text = keptOutputText(captured([all]).kept());

    const left = all.length - headBytes - tailBytes;
    const [head = '', tail = ''] = text.split(
      `\n… ${left} bytes left out; the whole output is on the host …\n`,
    );
    expect(all.toString().startsWith(head)).toBe(true);
    expect(all.toString().endsWith(tail)).toBe(true);
    expect(head.length + tail.length).toBe(headBytes + tailBytes);
  });

  it('has no broken character, wherever head and tail are cut', () => {
    const unit = fc.constantFrom('a', 'é', '…', '😀');
    fc.assert(
      fc.property(fc.array(unit, { minLength: 1, maxLength: 5 }), fc.nat(4), (units, shift) => {
        const all = 'x'.repeat(shift) + units.join('').repeat(30_000);
        const kept = whole(all);
        const [head = '', tail = ''] = keptOutputText(kept).split(/\n… \d+ bytes left out.*\n/);
        expect(all.startsWith(head)).toBe(true);
        expect(all.endsWith(tail)).toBe(true);
        // At most what one cut character has of bytes is missing.
        expect(Buffer.byteLength(head)).toBeGreaterThan(headBytes - 4);
        expect(all.endsWith(lastOutputLines(kept))).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it('shows bytes that are no text as such, and leaves out a character that is still to come', () => {
    expect(keptOutputText(captured([Buffer.from([0x61, 0xff, 0x62])]).kept())).toBe('a\uFFFDb');
    expect(keptOutputText(captured([Buffer.from([0x61, 0xe2, 0x80])]).kept())).toBe('a');
  });
});

describe('its last lines', () => {
  it('are at most as many as asked for, without empty ones at the end', () => {
    const text = Array.from({ length: 20 }, (_, n) => `line ${n}`).join('\n');
    expect(lastOutputLines(whole(`${text}\n\n\n`))).toBe(text.split('\n').slice(-12).join('\n'));
    expect(lastOutputLines(whole(`${text}\n`), 2)).toBe('line 18\nline 19');
    expect(lastOutputLines(whole('one'))).toBe('one');
    expect(lastOutputLines(whole('a\npassword: b\n'))).toBe('a\npassword: [REDACTED]');
    expect(lastOutputLines(whole(''))).toBe('');
  });

  it('are 2,000 characters at most, and none of them half', () => {
    for (const shift of ['', 'x']) {
      const text = lastOutputLines(whole('😀'.repeat(3000) + shift));
      expect(text.length).toBeLessThanOrEqual(2000);
      expect(text.length).toBeGreaterThanOrEqual(1999);
      expect(Buffer.from(text).toString()).toBe(text);
    }
  });
});
