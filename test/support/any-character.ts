import fc from 'fast-check';

/**
 * Any character that UTF-8 has, rather small ones. fast-check's own `binary` lists all 1.1 million of them in a map first, which
 * is seconds of work in each file that asks for it.
 */
export const anyCharacter: fc.Arbitrary<string> = fc
  .nat(0x10_ff_ff - 0x8_00)
  .map((index) => String.fromCodePoint(index < 0xd8_00 ? index : index + 0x8_00));
