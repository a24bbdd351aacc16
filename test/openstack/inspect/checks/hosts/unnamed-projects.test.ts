import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { inspectionSummary } from '../../../../../bot/views/inspection/inspection.ts';
import { inspectionDetails } from '../../../../../bot/views/inspection/details.ts';
import { CloudFacts } from '../../../../../openstack/cloud/facts.ts';
import { factsOf } from '../../../../../openstack/inspect/facts.ts';
import { planUpgrade } from '../../../../../openstack/plan/planner.ts';
import { largeCloud, smallCloud } from '../../../clouds-today.ts';
import { inspectedCloud } from '../../../inspect-answers.ts';
import { knowledge } from '../../../known.ts';

const rows = readFileSync(
  join(import.meta.dirname, '../../../../cases/11-services-nobody-asks-about.tsv'),
  'utf8',
);
const cloud = largeCloud('caracal', 'noble', 3);
const found = inspectedCloud(
  (host, line) =>
    line.startsWith('dpkg-query') ? { stdout: host === 'ctl1' ? rows : '' } : undefined,
  cloud,
);
const factsFrom = ({ unnamed }: Pick<CloudFacts, 'unnamed'>) => CloudFacts.parse({ unnamed });
const plan = (facts = factsFrom(factsOf(found)), on = cloud) =>
  planUpgrade({ knowledge, cloud: on, facts, target: 'epoxy' });

describe('services that the cloud file does not name', () => {
  it('11-services-nobody-asks-about: are found with their releases', () => {
    expect(found.unnamed).toEqual([
      { project: 'aodh', title: 'aodh', hosts: ['ctl1'], series: ['caracal'] },
      { project: 'ceilometer', title: 'ceilometer', hosts: ['ctl1'], series: ['caracal'] },
      { project: 'gnocchi', title: 'gnocchi', hosts: ['ctl1'], series: [] },
      { project: 'masakari', title: 'masakari', hosts: ['ctl1'], series: ['caracal'] },
      { project: 'swift', title: 'swift', hosts: ['ctl1'], series: ['caracal'] },
    ]);
  });

  it('are said by inspection, with what a person has to do', () => {
    const text = JSON.stringify([
      inspectionSummary(found, { by: 'U1' }),
      ...inspectionDetails(found),
    ]);

    for (const { title } of found.unnamed) expect(text).toContain(`has ${title}`);
    expect(text).toContain('masakari-manage db sync');
  });

  it('are named before a plan that moves whole hosts is approved', () => {
    const [first] = plan().steps;

    expect(first?.notes?.join('\n')).toMatch(
      /no service of the cloud file: aodh \(ctl1\), ceilometer \(ctl1\), gnocchi \(ctl1\)/,
    );
  });

  it('are stopped and synced by a person, on their hosts alone', () => {
    const steps = plan().steps.filter(({ kind }) => kind === 'manual');

    expect(steps.map(({ id, on }) => [id, on])).toEqual([
      ['epoxy-stop-others', 'ctl1'],
      ['epoxy-start-others', 'ctl1'],
    ]);
    expect(JSON.stringify(steps[1]?.params)).toMatch(
      /aodh-dbsync.*ceilometer-upgrade.*gnocchi-upgrade.*masakari-manage db sync/,
    );
  });

  it('stand beside how long the target is maintained', () => {
    expect(plan().overview).toContain('Epoxy (2025.1) is maintained until 2026-10-02.');
    const on = (now: string) =>
      planUpgrade({ knowledge, cloud, facts: factsFrom({ unnamed: {} }), target: 'epoxy', now });
    expect(on('2026-10-02T23:00:00Z').overview).toContain(
      'Epoxy (2025.1) is maintained until 2026-10-02.',
    );
    expect(on('2026-12-01T02:00:00Z').overview).toContain(
      'Epoxy (2025.1) is unmaintained since 2026-10-02.',
    );
    expect(
      planUpgrade({ knowledge, cloud, facts: factsFrom({ unnamed: {} }), target: 'dalmatian' })
        .overview,
    ).toContain('Dalmatian (2024.2) is unmaintained since 2026-04-29.');
  });

  it('make no step where none are there, or only their libraries', () => {
    const libraries = inspectedCloud(
      (_host, line) =>
        line.startsWith('dpkg-query')
          ? { stdout: 'ii \tpython3-aodh\t18.0.0-0ubuntu1\taodh\n' }
          : undefined,
      cloud,
    );

    expect(libraries.unnamed).toEqual([]);
    expect(
      plan(factsFrom(factsOf(libraries))).steps.filter(({ kind }) => kind === 'manual'),
    ).toEqual([]);
  });

  it('are asked about too where only the distribution moves', () => {
    const small = smallCloud('caracal', 'jammy');
    const [host = ''] = Object.keys(small.hosts).toReversed();
    const facts = factsFrom({ unnamed: { aodh: [host] } });
    const ids = planUpgrade({
      knowledge,
      cloud: small,
      facts,
      target: 'caracal',
      codename: 'noble',
    }).steps.map(({ id }) => id);

    expect(ids).toEqual(expect.arrayContaining(['noble-stop-others', 'noble-start-others']));
  });
});

describe('the projects of OpenStack that distributions carry', () => {
  it.each(
    'swift ceilometer aodh gnocchi trove masakari mistral cloudkitty watcher zaqar murano senlin vitrage zun blazar adjutant'.split(
      ' ',
    ),
  )('include %s', (project) => {
    expect(knowledge.projects[project] ?? knowledge.services[project]).toBeDefined();
  });

  it('are known by their own versions, which no service shares', () => {
    for (const project of Object.keys(knowledge.projects))
      expect(knowledge.services[project]).toBeUndefined();
    for (const planned of ['swift', 'ceilometer', 'aodh', 'gnocchi'])
      expect(knowledge.services[planned]?.series.epoxy).toBeDefined();
    expect(knowledge.versions['swift']?.caracal).toEqual(['2.33.0', '2.33.1']);
  });
});
