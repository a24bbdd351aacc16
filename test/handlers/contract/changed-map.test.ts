import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { withEntry } from '../../../handlers/contract/changed-map.ts';

const anyChanges = fc.array(fc.tuple(fc.nat({ max: 200 }), fc.nat(), fc.boolean()), {
  minLength: 50,
  maxLength: 200,
});

it('is what a copy with the change would be, and what it was made of stays as it was', () => {
  fc.assert(
    fc.property(fc.nat({ max: 150 }), anyChanges, (size, changes) => {
      const first = Array.from({ length: size }, (_, index): [string, number] => [`${index}`, 0]);
      let [map, copy]: [ReadonlyMap<string, number>, Map<string, number>] = [
        new Map(first),
        new Map(first),
      ];
      for (const [number, value, isLooked] of changes) {
        const [key, before, beforeCopy] = [`${number}`, map, copy];
        map = withEntry(map, key, value);
        copy = new Map(copy).set(key, value);
        expect([map.size, map.has(key), map.get(key)]).toEqual([copy.size, true, value]);
        expect([before.size, before.get(key)]).toEqual([beforeCopy.size, beforeCopy.get(key)]);
        if (isLooked) expect([...before]).toEqual([...beforeCopy]);
      }
      expect([...map]).toEqual([...copy]);
      expect([[...map.keys()], [...map.values()]]).toEqual([[...copy.keys()], [...copy.values()]]);
      const seen: [string, number][] = [];
      map.forEach((value, key) => seen.push([key, value]));
      expect(seen).toEqual([...copy]);
      expect(map.has('none')).toBe(false);
      expect(map.get('none')).toBeUndefined();
    }),
    { numRuns: 30 },
  );
});
