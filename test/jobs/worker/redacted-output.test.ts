import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { openKnownSecrets } from '../../../handlers/redaction/known.ts';
import { redactText } from '../../../handlers/redaction/redact.ts';
import { type KeptOutput, keptOutputText, openOutputCapture } from '../../../jobs/redis/output.ts';
import { capturedLimits, redactedOutput } from '../../../jobs/worker/redacted-output.ts';

const secret = 'Xq7-secret-value-9';
const known = openKnownSecrets([secret]);
const redact = (text: string): string => redactText(text, known, () => '[REDACTED-1]');

/** What leaves the worker while chunks arrive, and in the end; another worker takes over after `dies` chunks. */
function leaving(chunks: readonly Buffer[], dies = chunks.length): KeptOutput[] {
  const all = Buffer.concat(chunks);
  const left: KeptOutput[] = [];
  let capture = openOutputCapture(undefined, capturedLimits);
  for (const [index, chunk] of chunks.entries()) {
    capture.add(chunk);
    left.push(redactedOutput(capture.kept(), { redact }, false));
    if (index !== dies) continue;
    const saved = left.at(-1);
    capture = openOutputCapture(saved, capturedLimits);
    const seen = chunks.slice(0, index + 1).reduce((sum, { length }) => sum + length, 0);
    capture.add(all.subarray(saved?.sizeBytes ?? 0, seen));
  }
  return [...left, redactedOutput(capture.kept(), { redact }, true)];
}

const cut = (text: string, at: readonly number[]): Buffer[] => {
  const bytes = Buffer.from(text);
  const ends = [...at.map((place) => place % (bytes.length + 1)), bytes.length];
  const sorted = ends.toSorted((a, b) => a - b);
  return sorted.map((end, index) => bytes.subarray(sorted[index - 1] ?? 0, end));
};

describe('what leaves a worker of an output', () => {
  const lines = fc.array(
    fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom('setting up nova', '', 'done', 'é…😀') },
      fc.constantFrom(secret, `x${secret}y`, Buffer.from(secret).toString('base64')),
      fc.constantFrom('password = Pl4in-by-its-name', 'mysql://nova:Pl4in-by-its-name@db1/nova'),
      fc.constant(
        '-----BEGIN RSA PRIVATE KEY-----\nMIIPl4inPl4inPl4inPl4inPl4inPl4inPl4inPl4inPl4inPl4inPl4inPl4in0000\n-----END RSA PRIVATE KEY-----',
      ),
    ),
    { maxLength: 40 },
  );

  it('holds no secret, however it is cut into chunks and whoever reads on', () => {
    fc.assert(
      fc.property(lines, fc.array(fc.nat(), { maxLength: 12 }), fc.nat(12), (all, at, dies) => {
        for (const kept of leaving(cut(all.join('\n'), at), dies)) {
          const text = keptOutputText(kept);
          expect(text).not.toContain('Pl4in');
          expect(text).not.toContain(secret);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('is in the end the same, whoever read it', () => {
    fc.assert(
      fc.property(lines, fc.array(fc.nat(), { maxLength: 12 }), fc.nat(12), (all, at, dies) => {
        const text = all.join('\n');
        const [whole] = leaving([Buffer.from(text)]).slice(-1);
        const last = leaving(cut(text, at), dies).at(-1);

        expect(last && keptOutputText(last)).toBe(whole && keptOutputText(whole));
        expect(last?.sizeBytes).toBe(Buffer.byteLength(text));
      }),
      { numRuns: 300 },
    );
  });

  it('keeps as much of a long output as before, and says what it leaves out', () => {
    const text = Array.from({ length: 20_000 }, (_, n) => `line ${n} ${secret}\n`).join('');

    const kept = leaving(cut(text, [1000, 90_000, 400_000])).at(-1);

    expect(kept?.head.length).toBe(8 * 1024);
    expect(kept?.tail.length).toBe(24 * 1024);
    expect(kept && keptOutputText(kept)).toMatch(/bytes left out; the whole output is on the host/);
    expect(kept && keptOutputText(kept)).not.toContain(secret);
  });

  it('changes no byte of what is no text', () => {
    const bytes = Buffer.from([0x61, 0xff, 0xfe, 0x0a, 0xc3]);

    expect(leaving([bytes]).at(-1)?.tail).toEqual(bytes);
  });
});
