import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { keyOfText } from '../../../../jobs/redis/seal/key.ts';
import { openSeal } from '../../../../jobs/redis/seal/seal.ts';

const seal = openSeal(randomBytes(32));

describe('what is sealed', () => {
  it('opens as it was, in its place alone', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.string(), fc.string(), (bytes, place, other) => {
        const sealed = seal.seal(Buffer.from(bytes), place);

        expect(seal.open(sealed, place)).toEqual(Buffer.from(bytes));
        if (other !== place) expect(seal.open(sealed, other)).toBeUndefined();
      }),
    );
  });

  it('does not open once a single bit has changed, nor with another key', () => {
    const sealed = seal.seal(Buffer.from('password = pa55word'), 'here');

    expect(openSeal(randomBytes(32)).open(sealed, 'here')).toBeUndefined();
    for (let index = 16; index < sealed.length; index += 1) {
      const changed = Buffer.from(sealed);
      changed[index] = (changed[index] ?? 0) ^ 1;
      expect(seal.open(changed, 'here')).toBeUndefined();
    }
  });

  it('is another one each time, and shows nothing of what it holds', () => {
    const [one, two] = [1, 2].map(() => seal.seal(Buffer.from('pa55word'), 'here'));

    expect(one).not.toEqual(two);
    expect(one?.includes('pa55word')).toBe(false);
  });

  it('is told from what earlier versions stored in plain', () => {
    for (const plain of ['', 'password = x', '\0', '\0hopscotch'])
      expect(seal.open(Buffer.from(plain), 'here')).toEqual(Buffer.from(plain));
  });
});

describe('a key', () => {
  it('is 32 bytes, in base64 or as hexadecimal digits', () => {
    const bytes = randomBytes(32);
    for (const written of [
      bytes.toString('base64'),
      `${bytes.toString('base64')}\n`,
      bytes.toString('base64url'),
      bytes.toString('hex'),
    ])
      expect(keyOfText(written)).toEqual(bytes);
  });

  it.each(['', 'hunter2', randomBytes(16).toString('base64'), 'x'.repeat(64)])(
    'is not made of %j',
    (text) => expect(keyOfText(text)).toBeUndefined(),
  );
});
