import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { helperStream } from '../../../../jobs/remote/helper/helper-stream.ts';

const said = `Welcome!\nabc hell\n\nabc hello\n1 began no 42\n1 out 5\nab\ncd2 out 0\n2 out 3\nxyz1 exited 0 0 5\n1 end\n`;

/** What was heard of a text that came in pieces. */
function heardOf(pieces: readonly Buffer[]): { heard: string[]; isGreeted: Promise<boolean> } {
  const heard: string[] = [];
  const bytes = new Map<number, string>();
  const stream = helperStream('abc', {
    onSay: (number, verb, rest) => heard.push(`${number} ${verb} ${rest}`.trim()),
    onBytes: (number, part) => bytes.set(number, `${bytes.get(number) ?? ''}${part.toString()}`),
  });
  for (const piece of pieces) stream.feed(piece);
  heard.push(...[...bytes].map(([number, text]) => `${number}: ${text}`));
  const isGreeted = Promise.race([
    stream.hello.then(() => true),
    new Promise<boolean>((done) => setImmediate(() => done(false))),
  ]);
  return { heard, isGreeted };
}

describe('what a helper writes', () => {
  const wanted = ['1 began no 42', '1 exited 0 0 5', '1 end', '1: ab\ncd', '2: xyz'];

  it('is the same wherever its pieces break, and what a login prints before is noise', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(said.length), { maxLength: 8 }), (cuts) => {
        const places = [0, ...cuts.toSorted((a, b) => a - b), said.length];
        const pieces = places
          .slice(1)
          .map((end, index) => Buffer.from(said.slice(places[index] ?? 0, end)));
        expect(heardOf(pieces).heard).toEqual(wanted);
      }),
    );
  });

  it('counts once it has said hello', async () => {
    expect(await heardOf([Buffer.from(said)]).isGreeted).toBe(true);
    expect(await heardOf([Buffer.from('bash: python3: command not found\n')]).isGreeted).toBe(
      false,
    );
    expect(await heardOf([Buffer.from('abc hello\n')]).isGreeted).toBe(true);
  });
});
