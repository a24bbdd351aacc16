import { describe, expect, it } from '@jest/globals';
import { openOutageMeter } from '../../../openstack/serving/outages.ts';
import type { Found } from '../../../openstack/serving/found.ts';

/** Notes looks that take 10 ms each, and tells what is due right after each. */
function told(
  ...sights: readonly (readonly [startedMs: number, is: Found['is'], tookMs?: number])[]
) {
  const meter = openOutageMeter();
  let logged: Found['is'] | undefined;
  return sights.flatMap(([startedMs, is, tookMs = 10]) => {
    const endedMs = startedMs + tookMs;
    meter.note({ is, startedMs, endedMs });
    const due = meter.due(endedMs, logged);
    if (due === undefined) return [];
    meter.told(due);
    logged = due.is;
    return [[due.is, due.sinceMs, due.downMs]];
  });
}

describe('a meter of outages', () => {
  it('tells changes only, and how long it was down from the first failed look to the first answer', () => {
    expect(
      told([0, 'up'], [500, 'up'], [1000, 'down'], [1500, 'down'], [2000, 'up'], [2500, 'up']),
    ).toEqual([
      ['up', 10, undefined],
      ['down', 1000, undefined],
      ['up', 2010, 1010],
    ]);
  });

  it('counts from when a look began that hung, and is not misled by one that ends late', () => {
    const meter = openOutageMeter();
    meter.note({ is: 'up', startedMs: 0, endedMs: 10 });
    meter.note({ is: 'down', startedMs: 1000, endedMs: 6000 });
    meter.note({ is: 'up', startedMs: 6100, endedMs: 6110 });
    meter.note({ is: 'down', startedMs: 1500, endedMs: 6500 });

    expect(meter.due(6510, 'down')).toMatchObject({ is: 'up', sinceMs: 6110, downMs: 5110 });
  });

  it('says that it is back from coming and going only once it stays, with all that it was down', () => {
    const flaps = Array.from(
      { length: 40 },
      (_, index) => [index * 500, index % 2 === 0 ? 'up' : 'down'] as const,
    );
    const all = told(...flaps, [20_000, 'up'], [50_000, 'up'], [90_000, 'up']);

    expect(all.length).toBeLessThan(12);
    expect(all.at(-1)?.[0]).toBe('up');
    const down = all.reduce((sum, [, , ms]) => sum + Number(ms ?? 0), 0);
    expect(down).toBe(20 * 510);
  });

  it('goes on with what the log says of a process before it', () => {
    const meter = openOutageMeter({ is: 'down', sinceMs: -4000 });
    meter.note({ is: 'down', startedMs: 0, endedMs: 10 });
    expect(meter.due(20, 'down')).toBeUndefined();
    meter.note({ is: 'up', startedMs: 500, endedMs: 510 });
    expect(meter.due(520, 'down')).toMatchObject({ is: 'up', downMs: 4510 });
  });

  it('takes what was not probed for neither: an outage ends where nobody looks', () => {
    expect(told([0, 'up'], [1000, 'down'], [2000, 'notProbed'], [3000, 'up'])).toEqual([
      ['up', 10, undefined],
      ['down', 1000, undefined],
      ['notProbed', 2000, 1000],
      ['up', 3010, undefined],
    ]);
  });
});
