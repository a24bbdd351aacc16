import { describe, expect, it } from '@jest/globals';
import { factsOf } from '../../../openstack/inspect/facts.ts';
import { readInspection } from '../../../openstack/inspect/read.ts';
import { smallCloud } from '../clouds-today.ts';
import { junoCloud } from '../juno-cloud.ts';
import { knowledge } from '../known.ts';
import {
  besideAnswers,
  inspectedCloud,
  inspectAnswers,
  junoPackageRows,
} from '../inspect-answers.ts';

describe('the facts of an inspection', () => {
  it('are the release, the revisions with the rows that block, and the files', () => {
    const config = 'kilo/all/etc/nova/nova.conf';
    const filed = readInspection(
      junoCloud,
      knowledge,
      inspectAnswers(),
      besideAnswers({ [config]: '[DEFAULT]\n' }),
    );

    const { installed, bases: _bases, ...facts } = factsOf(filed);
    expect(installed['cmp1']).toEqual(['nova-compute']);
    expect(facts).toEqual({
      series: 'juno',
      ahead: {},
      forecast: {},
      blocked: { 'nova-service-uuids': 2 },
      missingUnits: {},
      apis: {},
      dashboards: {},
      unnamed: {},
      databases: {
        keystone: { revision: '55' },
        glance: { revision: '36' },
        nova: { revision: '254', rowsBlocking: 2 },
        neutron: { revision: 'juno' },
      },
      configFiles: { [config]: '[DEFAULT]\n' },
    });
  });

  it('name the units that a host does not have beside others of their service, not those that nobody could read', () => {
    const here = smallCloud('epoxy', 'trixie');
    const loaded = 'LoadState=loaded\nActiveState=active\nSubState=running\n';
    const facts = (load: (unit: string) => string) =>
      factsOf(
        inspectedCloud((host, line) => {
          if (!line.startsWith('systemctl show')) return undefined;
          return { stdout: host === 'ctl1' ? load(line.split(' ').at(-1) ?? '') : loaded };
        }, here),
        ['nova'],
      ).missingUnits['ctl1'];

    const gone = 'LoadState=not-found\nActiveState=inactive\n';
    expect(facts((unit) => (unit === 'nova-novncproxy' ? gone : loaded))).toEqual([
      'nova-novncproxy',
    ]);
    expect(facts((unit) => (unit === 'nova-novncproxy' ? '' : loaded))).toBeUndefined();
    expect(facts(() => gone)).toBeUndefined();
  });

  it('refuse releases that are mixed, but for services that are of one', () => {
    const mixed = inspectedCloud((host, line) =>
      host === 'ctl1' && line.startsWith('dpkg-query')
        ? {
            stdout: `${junoPackageRows['ctl1']}iF \tnova-api-metadata\t1:2015.1.4-0ubuntu2\tnova\n`,
          }
        : undefined,
    );

    expect(mixed.series['nova']).toEqual(['juno', 'kilo']);
    expect(mixed.hosts['ctl1']?.unfinished).toEqual([{ name: 'nova-api-metadata', state: 'iF' }]);
    expect(() => factsOf(mixed)).toThrow(
      expect.objectContaining({
        name: 'MixedReleases',
        message: expect.stringContaining('nova Juno and Kilo'),
      }),
    );
    expect(factsOf(mixed, ['keystone']).series).toBe('juno');
    expect(() => factsOf(mixed, undefined, 'kilo')).toThrow(/nova Juno and Kilo/);
  });

  it('take services that are of the target already as ahead of the others', () => {
    const ahead = inspectedCloud((host, line) =>
      host === 'ctl1' && line.startsWith('dpkg-query')
        ? {
            stdout: (junoPackageRows['ctl1'] ?? '').replaceAll(
              /^(.*keystone\t)\S+/gm,
              '$11:2015.1.4-0ubuntu2',
            ),
          }
        : undefined,
    );

    expect(ahead.series).toMatchObject({ keystone: ['kilo'], nova: ['juno'] });
    expect(() => factsOf(ahead)).toThrow(/keystone Kilo/);
    expect(() => factsOf(ahead, undefined, 'liberty')).toThrow(/keystone Kilo/);
    expect(factsOf(ahead, undefined, 'kilo')).toMatchObject({
      series: 'juno',
      ahead: { keystone: 'kilo' },
    });
    expect(factsOf(ahead, ['keystone'], 'kilo')).toMatchObject({ series: 'kilo', ahead: {} });
  });

  it('take nothing as ahead where packages do not tell its release', () => {
    const unread = inspectedCloud((_host, line) =>
      line.startsWith('dpkg-query') ? { stdout: '' } : undefined,
    );
    const facts = factsOf(unread, undefined, 'kilo');

    expect(facts.ahead).toEqual({});
    expect(facts).not.toHaveProperty('series');
  });
});
