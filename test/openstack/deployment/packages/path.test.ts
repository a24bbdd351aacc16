import { describe, expect, it } from '@jest/globals';
import { mostApprovalsAsked, quorumOf } from '../../../../jobs/run/quorum.ts';
import { codenameNow, shortestPath } from '../../../../openstack/deployment/packages/path.ts';
import { CloudFacts } from '../../../../openstack/cloud/facts.ts';
import { releasePath } from '../../../../openstack/path/path.ts';
import { planUpgrade } from '../../../../openstack/plan/planner.ts';
import type { ReleaseName } from '../../../../openstack/knowledge/releases.ts';
import { largeCloud, smallCloud } from '../../clouds-today.ts';
import { knowledge } from '../../known.ts';

const stops = (
  [series, codename]: readonly [ReleaseName, string],
  to: ReleaseName,
  { onto, hasArchive = true }: { readonly onto?: string; readonly hasArchive?: boolean } = {},
): string[] =>
  shortestPath(
    {
      from: { series, codename },
      to: { series: to, ...(onto !== undefined && { codename: onto }) },
      titles: { from: series, to },
      hops: releasePath(series, to, knowledge).hops,
      hasArchive,
    },
    knowledge,
  ).map(({ to: there, codenames }) => `${there} on ${codenames.to}`);

describe('an upgrade path over releases of OpenStack and of the distribution', () => {
  it.each<[string, string[], string[]]>([
    [
      'goes from SLURP to SLURP, and through the pairing that both releases of the distribution carry',
      stops(['caracal', 'jammy'], 'gazpacho'),
      ['caracal on noble', 'epoxy on noble', 'gazpacho on noble'],
    ],
    [
      'goes release by release before 2023.1',
      stops(['yoga', 'jammy'], 'antelope'),
      ['zed on jammy', 'antelope on jammy'],
    ],
    [
      "goes by Debian's backports",
      stops(['zed', 'bookworm'], 'epoxy'),
      ['antelope on bookworm', 'caracal on bookworm', 'epoxy on bookworm'],
    ],
    [
      'goes by the backports of a release that is not the last any more',
      stops(['epoxy', 'trixie'], 'hibiscus'),
      ['gazpacho on trixie', 'hibiscus on trixie'],
    ],
    [
      'ends where hosts should end',
      stops(['yoga', 'bullseye'], 'zed', { onto: 'bookworm' }),
      ['zed on bullseye', 'zed on bookworm'],
    ],
    [
      'moves only the distribution where only that is asked',
      stops(['epoxy', 'bookworm'], 'epoxy', { onto: 'trixie' }),
      ['epoxy on trixie'],
    ],
    [
      'moves both at once only where nothing else leads on',
      stops(['epoxy', 'trixie'], 'gazpacho', { hasArchive: false }),
      ['gazpacho on forky'],
    ],
    [
      "goes on from Debian's testing to its unstable",
      stops(['gazpacho', 'forky'], 'hibiscus', { hasArchive: false }),
      ['hibiscus on sid'],
    ],
    ['is empty where it is at its end', stops(['zed', 'bookworm'], 'zed'), []],
  ])('%s', (_what, road, wanted) => {
    expect(road).toEqual(wanted);
  });

  it.each<[string, () => unknown, object]>([
    [
      'no archive',
      () => stops(['zed', 'bookworm'], 'epoxy', { hasArchive: false }),
      {
        name: 'NotPackaged',
        message: expect.stringContaining('Antelope for bookworm: there are none that these hosts'),
        hint: expect.stringContaining('archive'),
      },
    ],
    ['a rollback', () => stops(['epoxy', 'trixie'], 'zed'), { name: 'NoDowngrade' }],
    [
      'a distribution release that is not known',
      () => stops(['zed', 'hamm'], 'epoxy'),
      { name: 'UnknownDistribution' },
    ],
  ])('is refused: %s', (_what, ask, error) => {
    expect(ask).toThrow(expect.objectContaining(error));
  });

  it('begins with what hosts say, where the file of the cloud leads there', () => {
    expect(codenameNow('bookworm', 'trixie', knowledge)).toBe('trixie');
    expect(codenameNow('trusty', 'bookworm', knowledge)).toBe('trusty');
    expect(codenameNow('bookworm', undefined, knowledge)).toBe('bookworm');
  });
});

describe('what a plan refuses or asks beyond the road', () => {
  const plan = (rabbitmq: string, on: string) => {
    const cloud = smallCloud('zed', 'bullseye');
    return planUpgrade({
      knowledge,
      cloud: { ...cloud, services: { ...cloud.services, rabbitmq: { on } } },
      facts: CloudFacts.parse({ rabbitmq }),
      target: 'zed',
      codename: 'bookworm',
    });
  };

  it('is a jump of RabbitMQ that is not allowed, on a host that would make it', () => {
    expect(() => plan('3.8.9', 'control')).toThrow(
      expect.objectContaining({
        name: 'QueueJump',
        message: expect.stringContaining('RabbitMQ 3.8 on ctl1 cannot become 3.10'),
      }),
    );
    expect(plan('3.8.9', 'database').steps).not.toEqual([]);
    expect(plan('3.9.13', 'control').steps).not.toEqual([]);
  });

  it('is a single service on an upgrade path through a release of the distribution', () => {
    expect(() =>
      planUpgrade({
        knowledge,
        cloud: largeCloud('caracal', 'jammy'),
        facts: CloudFacts.parse({}),
        target: 'epoxy',
        only: ['keystone'],
      }),
    ).toThrow(expect.objectContaining({ name: 'WholeHosts' }));
  });

  it.each([
    [1, ['U1'], ['U2']],
    [1, ['U1', 'U2'], ['U1', 'U2']],
    [2, ['U1', 'U2'], ['U1', 'U2', 'U3']],
    [2, ['U1'], ['U2', 'U3']],
    [2, ['U1'], ['S1']],
  ])('takes %i for a risk where %j ask %j', (count, engineers, approvers) => {
    const approvals = { reversible: 1, restorable: 1, oneWay: 1 };
    expect(quorumOf({ engineers, approvers, approvals })).toBe(count);
    expect(quorumOf({ engineers, approvers, approvals: { ...approvals, oneWay: 3 } })).toBe(3);
    expect(mostApprovalsAsked({ approvals })).toBe(1);
    expect(mostApprovalsAsked({ approvals: { ...approvals, oneWay: 3 } })).toBe(3);
  });
});
