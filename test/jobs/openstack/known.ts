import { join } from 'node:path';
import { loadKnowledge } from '../../../jobs/openstack/knowledge.ts';

export const knowledgeDir = join(import.meta.dirname, '../../../runbooks/openstack');

export const knowledge = await loadKnowledge(knowledgeDir);
