import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { z } from 'zod';
import { seriesOf, servicesWithSeries } from '../../handlers/installed-program.ts';

const file = new URL('../../runbooks/openstack/versions.yaml', import.meta.url);
const { versions } = z
  .looseObject({ versions: z.record(z.string(), z.record(z.string(), z.array(z.string()))) })
  .parse(parse(readFileSync(file, 'utf8')));

it.each(servicesWithSeries)('tells the series of every version of %s that is known', (service) => {
  const known = Object.entries(versions[service] ?? {});

  expect(known.length).toBeGreaterThan(20);
  for (const [series, all] of known)
    expect(all.map((version) => [version, seriesOf(service, version)])).toEqual(
      all.map((version) => [version, series]),
    );
});

it('reads versions as packages have them, and owns up to what it does not know', () => {
  expect(seriesOf('nova', '1:2015.1.0~rc1-0ubuntu1~cloud0')).toBe('kilo');
  expect(seriesOf('nova', '2:12.0.6-0ubuntu1~cloud0')).toBe('liberty');
  expect(seriesOf('nova', '2:11.0.0')).toBeUndefined();
  expect(seriesOf('nova', '99.0.0')).toBeUndefined();
  expect(seriesOf('coreutils', '9.1-1')).toBeUndefined();
});
