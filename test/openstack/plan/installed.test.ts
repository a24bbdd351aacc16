import { describe, expect, it } from '@jest/globals';
import { CloudFacts } from '../../../openstack/cloud/facts.ts';
import { planUpgrade } from '../../../openstack/plan/planner.ts';
import { largeCloud, smallCloud } from '../clouds-today.ts';
import { knowledge } from '../known.ts';

const cloud = smallCloud('epoxy', 'trixie');
const host = 'ctl1';
const installs = (facts: CloudFacts, only?: string[]): string[] =>
  planUpgrade({ knowledge, cloud, facts, target: 'flamingo', ...(only && { only }) })
    .steps.filter(({ kind, on }) => kind === 'package' && [on].flat().includes(host))
    .flatMap(({ params }) => (params as { install?: string[] }).install ?? []);

describe('packages that a plan upgrades', () => {
  it('are those that are installed, and not all that a release has', () => {
    const installed = ['nova-api', 'nova-conductor', 'nova-scheduler', 'nova-common'];

    expect(installs(CloudFacts.parse({}), ['nova'])).toContain('nova-consoleproxy');
    const found = installs(CloudFacts.parse({ installed: { [host]: installed } }), ['nova']);
    expect(found).toContain('nova-api');
    expect(found).not.toContain('nova-consoleproxy');
  });

  it('leave alone the units that the host never had, and those it has are stopped and started', () => {
    const units = (facts: Partial<CloudFacts>) =>
      planUpgrade({
        knowledge,
        cloud,
        facts: CloudFacts.parse(facts),
        target: 'flamingo',
        only: ['nova'],
      })
        .steps.filter(({ kind, on }) => kind === 'service' && [on].flat().includes(host))
        .map(({ params }) => {
          const { state, name } = params as { state: string; name: string };
          return `${state} ${name}`;
        });
    const asked = units({});
    const there = units({ missingUnits: { [host]: ['nova-novncproxy'] } });

    expect(asked).toEqual(
      expect.arrayContaining(['stopped nova-novncproxy', 'started nova-novncproxy']),
    );
    expect(there).toEqual(asked.filter((one) => !one.endsWith(' nova-novncproxy')));
  });

  it('are named as new where a host never had them and the new release asks for them', () => {
    const notes = (installed: string[]) =>
      planUpgrade({
        knowledge,
        cloud: smallCloud('flamingo', 'forky'),
        facts: CloudFacts.parse({ installed: { [host]: installed } }),
        target: 'gazpacho',
        only: ['neutron'],
      })
        .steps.flatMap(({ notes: said = [] }) => said)
        .filter((note) => note.startsWith('New on '));

    expect(notes(['neutron-api', 'neutron-rpc-server'])).toEqual([
      'New on ctl1, as the release asks for it: neutron-periodic-workers.',
    ]);
  });

  it('are all where nothing of the project was seen', () => {
    const facts = CloudFacts.parse({ installed: { [host]: ['python3-six'] } });

    expect(installs(facts, ['nova'])).toEqual(installs(CloudFacts.parse({}), ['nova']));
  });
});

describe('what apt was asked before a plan', () => {
  const large = largeCloud('caracal', 'noble', 3);
  const forecast = (from: 'cache' | 'nowhere') => ({
    ctl1: {
      isKnown: true,
      moves: [
        { name: 'nova-api', from: '3:29.0.0-1', to: '3:31.0.0-1' },
        { name: 'python3-six', from: '1' },
      ],
      installed: [{ source: 'nova', name: 'nova-api', version: '3:29.0.0-1' }],
      kept: [],
      lost: [{ name: 'nova-api', version: '3:29.0.0-1', from }],
      refused: [],
      unread: [],
    },
  });
  const planned = (from: 'cache' | 'nowhere') =>
    planUpgrade({
      knowledge,
      cloud: large,
      facts: CloudFacts.parse({ forecast: forecast(from) }),
      target: 'epoxy',
    });

  it('stands in the first approval, and is promised to the step and asked again before the outage', () => {
    const { steps } = planned('cache');
    const [first] = steps;

    expect(first?.notes).toContainEqual(
      expect.stringMatching(
        /^ctl1: apt brings nova 3:29.0.0-1 -> 3:31.0.0-1; 1 package in another version, 0 new, 1 removed: python3-six; .*keeps a copy: nova-api/,
      ),
    );
    const asked = steps.filter(({ kind }) => kind === 'package-forecast');
    expect(asked[0]?.params).toMatchObject({ expects: ['nova-api=3:31.0.0-1', 'python3-six='] });
    const upgrade = steps.find(({ kind, on }) => kind === 'package' && on === 'ctl1');
    expect(upgrade?.params).toMatchObject({ expects: ['nova-api=3:31.0.0-1', 'python3-six='] });
    expect(steps.indexOf(asked[0]!)).toBeLessThan(
      steps.findIndex(({ purpose }) => purpose === 'stop'),
    );
  });

  it('is said package by package, once for hosts that share it, and of others by host', () => {
    const other = forecast('cache').ctl1;
    const facts = CloudFacts.parse({
      forecast: {
        ...forecast('cache'),
        ctl2: { ...other, moves: [...other.moves, { name: 'python3-new', to: '2' }] },
      },
    });
    const both = { ...large, hosts: { ctl1: large.hosts['ctl1'], ctl2: large.hosts['ctl2'] } };
    const asked = planUpgrade({ knowledge, cloud: large, facts, target: 'epoxy' }).steps.find(
      ({ kind, on }) => kind === 'package-forecast' && [on].flat().includes('ctl2'),
    );

    expect(Object.keys(both.hosts)).toEqual(asked?.on);
    expect(asked?.params).toMatchObject({
      brings: [
        'nova-api: 3:29.0.0-1 -> 3:31.0.0-1',
        'python3-six: 1 -> removed',
        'on ctl2: python3-new: not installed -> 2',
      ],
    });
  });

  it('asks for a snapshot of a host, also for a single service, where apt would not bring all packages back', () => {
    const noWay = {
      ctl1: { ...forecast('cache').ctl1, back: ['nova-common would stay as it is'] },
    };
    for (const only of [undefined, ['nova']]) {
      const { steps } = planUpgrade({
        knowledge,
        cloud: large,
        facts: CloudFacts.parse({ forecast: noWay }),
        target: 'epoxy',
        ...(only && { only }),
      });
      const on = (kind: string) => steps.filter((one) => one.kind === kind && one.on === 'ctl1');
      expect(on('host-snapshot')).toHaveLength(1);
      expect(on('package').map(({ params }) => params)).toContainEqual(
        expect.objectContaining({ wayBack: 'snapshot' }),
      );
      expect(steps[0]?.notes?.join()).toMatch(
        /not bring all of them back, so a rollback needs a snapshot of the host: nova-common would stay/,
      );
      // Others keep their promise, and the step that asks apt again holds them to it.
      expect(
        steps.find(
          ({ kind, on: hosts }) => kind === 'package-forecast' && [hosts].flat().includes('ctl2'),
        )?.params,
      ).toMatchObject({ wayBack: 'archives' });
    }
  });

  it('keeps what no archive offers any more, and asks for a snapshot where nobody has it', () => {
    const kinds = (from: 'cache' | 'nowhere') =>
      planned(from)
        .steps.filter(({ on }) => on === 'ctl1')
        .map(({ kind }) => kind);

    expect(kinds('cache')).toContain('package-keep');
    expect(kinds('cache')).not.toContain('host-snapshot');
    expect(kinds('nowhere')).toContain('host-snapshot');
    expect(
      planned('nowhere').steps.find(({ kind, on }) => kind === 'package' && on === 'ctl1')?.params,
    ).toMatchObject({ wayBack: 'snapshot' });
  });
});
