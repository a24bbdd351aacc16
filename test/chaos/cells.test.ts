import { expect, it } from '@jest/globals';
import { canMountDisks } from './disk.ts';
import { type Hits, cellOf, drawInjections, faultNames, hitTable, phases } from './cells.ts';

const played = (hits: Hits, seed: number): Map<string, number> => {
  const now = new Map(hits);
  for (const one of drawInjections(seed, hits, 6))
    now.set(cellOf(one), (now.get(cellOf(one)) ?? 0) + 1);
  return now;
};

it('the same seed after the same hits draws the same, at least eight faults', () => {
  const drawn = drawInjections(7, new Map(), 6);

  expect(drawInjections(7, new Map(), 6)).toEqual(drawn);
  expect(drawInjections(8, new Map(), 6)).not.toEqual(drawn);
  expect(drawn.length).toBeGreaterThanOrEqual(8);
  expect(new Set(drawn.map(({ phase }) => phase))).toEqual(new Set(phases));
});

it('the emptiest cells are hit first: after 36 seeds each three times', () => {
  let hits: Hits = new Map();
  for (let seed = 1; seed <= 36; seed += 1) hits = played(hits, seed);

  const cells = [...hits.values()];
  const impossible = canMountDisks ? 2 : 2 + phases.length;
  expect(cells.length).toBe(faultNames.length * phases.length - impossible);
  expect(Math.min(...cells)).toBeGreaterThanOrEqual(3);
});

it('the table has a row for each fault and marks what cannot happen', () => {
  const table = hitTable(new Map([['link cut / gate', 4]])).split('\n');

  expect(table.length).toBe(faultNames.length + 1);
  expect(
    table
      .find((row) => row.startsWith('link cut'))
      ?.trim()
      .split(/ {2,}/),
  ).toEqual(['link cut', '0', '0', '0', '4', '0']);
  expect(table.find((row) => row.startsWith('host forgot'))).toMatch(/step +- +0 +0 +- +0$/);
});
