import { describe, expect, it } from '@jest/globals';
import { CloudFacts } from '../../../openstack/cloud/facts.ts';
import { planUpgrade, type PlannedRunbook } from '../../../openstack/plan/planner.ts';
import { largeCloud } from '../clouds-today.ts';
import { inspectedCloud } from '../inspect-answers.ts';
import { knowledge } from '../known.ts';

/** Where a plan leads, or what its hosts stay at. */
const paths = [
  { series: 'victoria', codename: 'bullseye', target: 'zed', onto: 'bookworm' },
  { series: 'zed', codename: 'bullseye', target: 'zed', onto: 'bookworm' },
  { series: 'epoxy', codename: 'bookworm', target: 'epoxy', onto: 'trixie' },
  { series: 'epoxy', codename: 'trixie', target: 'gazpacho', onto: 'forky' },
  { series: 'zed', codename: 'bookworm', target: 'antelope' },
  { series: 'bobcat', codename: 'bookworm', target: 'caracal' },
  { series: 'yoga', codename: 'jammy', target: 'antelope' },
  { series: 'caracal', codename: 'jammy', target: 'caracal', onto: 'noble' },
] as const;

const plan = (
  { series, codename, target, ...rest }: (typeof paths)[number],
  only?: readonly string[],
): PlannedRunbook =>
  planUpgrade({
    knowledge,
    cloud: largeCloud(series, codename, 3),
    facts: CloudFacts.parse({}),
    target,
    ...('onto' in rest && { codename: rest.onto }),
    ...(only && { only }),
  });

/** Words of notes that say what the plan does, and the step that does it. */
const promises = [
  { says: 'The plan empties it once keystone runs', step: /-keystone-cache-emptied/ },
  { says: 'The plan sets them after the dump', step: /use-quota|cinder/ },
  { says: 'The plan turns the site off', step: /-horizon-ssl-site-off/ },
  { says: 'sets WSGIApplicationGroup', step: /-horizon-application-group/ },
  { says: 'The plan answers false before the packages', step: /-packages/ },
  { says: 'The plan installs it on hosts', step: /gazpacho-packages/ },
  { says: 'the plan checks these rows before anything stops', step: /-neutron-subnets/ },
] as const;

const said = ({ steps, description }: PlannedRunbook): string =>
  [description, ...steps.flatMap(({ notes = [] }) => notes)].join('\n');

describe('what is said that a plan does', () => {
  it.each(paths)('stands only where the plan does it: $series on $codename to $target', (path) => {
    for (const only of [undefined, ['nova'], ['horizon'], ['keystone', 'neutron']]) {
      if (only !== undefined && 'onto' in path) continue;
      const made = plan(path, only);
      const broken = promises
        .filter(({ says }) => said(made).includes(says))
        .filter(({ step }) => !made.steps.some(({ id }) => step.test(id)))
        .map(({ says }) => says);
      expect([only, broken]).toEqual([only, []]);
    }
  });

  it('is said by no other words in the knowledge', () => {
    const texts = [
      ...knowledge.issues.map(({ text }) => text),
      ...knowledge.gates.map(({ before }) => before),
    ];
    const others = texts.filter(
      (text) =>
        /\bthe plan (?!does not)/i.test(text) && !promises.some(({ says }) => text.includes(says)),
    );
    expect(others).toEqual([]);
  });

  it.each([
    ['ssl-site\n', /disables that site .* are or become (.*); elsewhere/, /-horizon-ssl-site-off/],
    [
      'debian-wsgi\n',
      /sets WSGIApplicationGroup.* are or become (.*); elsewhere/,
      /-application-group/,
    ],
  ])('inspection of the dashboard promises no more than plans do: %s', (answer, words, step) => {
    const findings = inspectedCloud(
      (_host, line) => (line.includes('default-ssl.conf') ? { stdout: answer } : undefined),
      largeCloud('epoxy', 'trixie', 3),
    ).findings.map(({ hint = '' }) => hint);
    const named = findings.flatMap((hint) => words.exec(hint)?.[1]?.split(', ') ?? []);

    expect(named.length).toBeGreaterThan(0);
    for (const path of paths.filter(({ series }) => series !== 'yoga')) {
      const ends = 'onto' in path ? path.onto : path.codename;
      const does = plan(path).steps.some(({ id }) => step.test(id));
      expect([path, does]).toEqual([path, named.includes(ends)]);
    }
  });
});
