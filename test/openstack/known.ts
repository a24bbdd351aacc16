import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Knowledge } from '../../openstack/knowledge/knowledge.ts';
import { loadKnowledge } from '../../openstack/knowledge/load.ts';
import { madeOnce } from '../support/shared/made-once.ts';

export const knowledgeDir = join(import.meta.dirname, '../../openstack/knowledge/data');

const snapshot = await madeOnce('knowledge.json', async (place) =>
  writeFile(place, JSON.stringify(await loadKnowledge(knowledgeDir))),
);

/** What the product knows: read once in a run of the tests, as reading it takes longer than most of their files. */
export const knowledge: Knowledge =
  snapshot === undefined
    ? await loadKnowledge(knowledgeDir)
    : JSON.parse(await readFile(snapshot, 'utf8'));
