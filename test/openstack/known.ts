import { join } from 'node:path';
import { loadKnowledge } from '../../openstack/knowledge/load.ts';

export const knowledgeDir = join(import.meta.dirname, '../../openstack/knowledge/data');

export const knowledge = await loadKnowledge(knowledgeDir);
