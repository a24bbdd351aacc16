import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { z } from 'zod';
import { CloudFacts } from '../../../openstack/cloud/facts.ts';
import { loadKnowledge } from '../../../openstack/knowledge/load.ts';
import {
  type ReleaseName,
  releaseNames,
  releaseNameTitle,
} from '../../../openstack/knowledge/releases.ts';
import { planUpgrade } from '../../../openstack/plan/planner.ts';
import { smallCloud } from '../clouds-today.ts';
import { knowledge, knowledgeDir } from '../known.ts';

const isKnown = (name: ReleaseName): boolean =>
  knowledge.services['nova']?.series[name] !== undefined;

/** The last release of which anything is known, and the one after it, of which there is the name alone. */
const newest = releaseNames.findLast(isKnown) ?? 'juno';
const next = releaseNames[releaseNames.indexOf(newest) + 1] ?? newest;

/** What the next release might bring: one that only this file knows of. */
const changes = `
since: ${newest}
archives: [resolute]
compute:
  version: 76
  source: pretended
  floor: { oldest: gazpacho, version: 72, source: pretended }
versions: { source: pretended, projects: { nova: [35.0.0, 35.0.0] } }
schemas:
  keystone: { heads: ['11aa', '22bb'], by: alembic, source: pretended }
  glance: { heads: ['2027_1_contract01'], by: alembic, source: pretended }
  placement: { heads: ['33cc'], by: alembic, source: pretended }
  nova: { heads: ['44dd'], by: alembic, source: pretended }
  nova_api: { heads: ['55ee'], by: alembic, source: pretended }
  nova_cell0: { heads: ['44dd'], by: alembic, source: pretended }
  neutron: { heads: ['66ff', '77aa'], by: alembic, source: pretended }
services:
  keystone: { source: pretended }
  glance: { source: pretended }
  placement: { source: pretended }
  nova: { source: pretended, mixed: n-2 }
  neutron: { source: pretended }
  horizon: { source: pretended }
issues:
  - id: pretended-change
    services: [nova]
    hops: { into: ${next} }
    title: Something changes
    text: In a release that nobody has made yet.
    source: pretended
`;

const SyncParams = z.object({ database: z.string(), to: z.array(z.string()) });

it('a release is planned from its file alone', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'hopscotch-release-'));
  try {
    await cp(knowledgeDir, dir, { recursive: true });
    const file = join(dir, `releases/${next}.yaml`);
    await writeFile(file, (await readFile(file, 'utf8')) + changes);

    const plan = planUpgrade({
      knowledge: await loadKnowledge(dir),
      cloud: smallCloud(newest, 'resolute'),
      facts: CloudFacts.parse({}),
      target: next,
    });

    const ends = plan.steps
      .filter(({ kind }) => kind === 'schema-sync')
      .map(({ params }) => SyncParams.parse(params))
      .map(({ database, to }) => [database, to]);
    expect(plan.title).toContain(`from ${releaseNameTitle(newest)} to ${releaseNameTitle(next)}`);
    expect(plan.description).toContain('Something changes.');
    expect(Object.fromEntries(ends)).toEqual({
      keystone: ['11aa', '22bb'],
      glance: ['2027_1_contract01'],
      placement: ['33cc'],
      nova: ['44dd'],
      nova_api: ['55ee'],
      neutron: ['66ff', '77aa'],
    });
    expect(JSON.stringify(plan.steps)).toContain(`resolute-updates/${next}`);
    expect(JSON.stringify(plan.steps)).toContain('"name":"neutron-rpc-server"');
  } finally {
    await rm(dir, { recursive: true });
  }
});
