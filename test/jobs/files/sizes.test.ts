import { describe, expect, it } from '@jest/globals';
import { sizeBytes, sizeText } from '../../../jobs/files/sizes.ts';

describe('a size', () => {
  it.each([
    ['64KiB', 65_536],
    ['1GiB', 1_073_741_824],
    ['2TiB', 2_199_023_255_552],
    ['1GB', undefined],
    ['0MiB', undefined],
    ['1.5GiB', undefined],
    ['GiB', undefined],
  ])('reads %s as %s', (text, bytes) => {
    expect(sizeBytes(text)).toBe(bytes);
  });

  it.each([
    [1, '1 byte'],
    [601, '601 bytes'],
    [12_345, '12.1 KiB'],
    [4_200_000, '4 MiB'],
    [65_536, '64 KiB'],
    [1_610_612_736, '1.5 GiB'],
  ])('says %s as %s', (bytes, text) => {
    expect(sizeText(bytes)).toBe(text);
  });
});
