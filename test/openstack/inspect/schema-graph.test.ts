import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { placeInGraph } from '../../../openstack/inspect/schema-graph.ts';
import { schemaTruth } from '../../../openstack/inspect/schema-truth.ts';
import { releaseNames } from '../../../openstack/knowledge/releases.ts';
import { schemaEnds } from '../../../openstack/knowledge/schemas.ts';
import { knowledge } from '../known.ts';

/** The service and the rows of `alembic_version` of a case that was reported. */
function reported(name: string): { readonly service: string; readonly revision: string } {
  const text = readFileSync(join(import.meta.dirname, '../../cases', `${name}.txt`), 'utf8');
  const after = (key: string): string => new RegExp(`^${key}: (.*)$`, 'm').exec(text)?.[1] ?? '';
  return {
    service: after('service'),
    revision: after('alembic_version rows').replaceAll(',', ' '),
  };
}

describe('a schema that stopped inside the migrations', () => {
  it('01-glance-expanded-for-ussuri: lies between Train and Ussuri', () => {
    const truth = schemaTruth(reported('01-glance-expanded-for-ussuri'), knowledge);

    expect(truth).toMatchObject({ kind: 'between', series: ['train', 'ussuri'] });
    expect(truth.name).toContain('between Train and Ussuri');
  });

  it('03-magnum-rocky-end: is the end of Queens and of Rocky', () => {
    expect(schemaTruth(reported('03-magnum-rocky-end'), knowledge)).toMatchObject({
      kind: 'head',
      series: ['queens', 'rocky'],
    });
  });

  it('05-cinder-halfway-that-is-known: lies between 2023.2 and 2024.1, and its sync goes on', () => {
    const truth = schemaTruth(reported('05-cinder-halfway-that-is-known'), knowledge);

    expect(truth).toMatchObject({ kind: 'between', series: ['bobcat', 'caracal'] });
    expect(truth.legalMoves.map(({ id }) => id)).toContain('sync-caracal');
  });

  it.each([
    [undefined, ['cinder-count-use-quota', 'sync-caracal', 'cinder-restore']],
    [5, ['cinder-set-use-quota', 'cinder-restore']],
    [0, ['sync-caracal', 'cinder-restore']],
  ])('05-cinder-halfway-that-is-known: with %s rows without use_quota', (rowsBlocking, moves) => {
    const truth = schemaTruth(
      { ...reported('05-cinder-halfway-that-is-known'), rowsBlocking },
      knowledge,
    );

    expect(truth.legalMoves.map(({ id }) => id)).toEqual(moves);
    expect(truth.blockedBy?.query).toContain('use_quota IS NULL');
  });

  it('is known for every revision between two ends, and never as of an older pair', () => {
    for (const [database, graph] of Object.entries(knowledge.graphs)) {
      const { service } = knowledge.heads[database] ?? {};
      if (service === undefined) continue;
      const ends = new Set(
        Object.values(knowledge.heads[database]?.heads ?? {}).flatMap((head) =>
          schemaEnds(head).map((end) => end.toSorted().join(' ')),
        ),
      );
      for (const { id, since } of graph.revisions) {
        const place = placeInGraph([id], graph);
        if (place === undefined || ends.has(id)) continue;
        expect([id, releaseNames.indexOf(place.to) >= releaseNames.indexOf(since)]).toEqual([
          id,
          true,
        ]);
        const truth = schemaTruth({ service, database, revision: id }, knowledge);
        expect([database, id, truth.kind]).toEqual([database, id, 'between']);
      }
    }
  });

  it('is unknown where a row is no revision of the project', () => {
    const graph = knowledge.graphs['cinder'];

    expect(graph && placeInGraph(['000000000000'], graph)).toBeUndefined();
  });
});
