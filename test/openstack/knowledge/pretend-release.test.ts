import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { z } from 'zod';
import { CloudFacts } from '../../../openstack/cloud/facts.ts';
import { loadKnowledge } from '../../../openstack/knowledge/load.ts';
import { planUpgrade } from '../../../openstack/plan/planner.ts';
import { smallCloud } from '../clouds-today.ts';
import { knowledgeDir } from '../known.ts';

/** What 2027.1 might bring: a release that only this file knows of. */
const changes = `
since: hibiscus
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
    hops: { into: indri }
    title: Something changes
    text: In a release that nobody has made yet.
    source: pretended
`;

const SyncParams = z.object({ database: z.string(), to: z.array(z.string()) });

it('a release is planned from its file alone', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'hopscotch-release-'));
  try {
    await cp(knowledgeDir, dir, { recursive: true });
    const file = join(dir, 'releases/indri.yaml');
    await writeFile(file, (await readFile(file, 'utf8')) + changes);

    const plan = planUpgrade({
      knowledge: await loadKnowledge(dir),
      cloud: smallCloud('gazpacho', 'resolute'),
      facts: CloudFacts.parse({}),
      target: '2027.1',
    });

    const ends = plan.steps
      .filter(({ kind }) => kind === 'schema-sync')
      .map(({ params }) => SyncParams.parse(params))
      .map(({ database, to }) => [database, to]);
    expect(plan.title).toContain('from Gazpacho to Indri');
    expect(plan.description).toContain('Something changes.');
    expect(Object.fromEntries(ends)).toEqual({
      keystone: ['11aa', '22bb'],
      glance: ['2027_1_contract01'],
      placement: ['33cc'],
      nova: ['44dd'],
      nova_api: ['55ee'],
      neutron: ['66ff', '77aa'],
    });
    expect(JSON.stringify(plan.steps)).toContain('resolute-updates/indri');
    expect(JSON.stringify(plan.steps)).toContain('"name":"neutron-rpc-server"');
  } finally {
    await rm(dir, { recursive: true });
  }
});
