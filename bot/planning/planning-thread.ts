import { answerQuestions } from '../../jobs/threads/answer-questions.ts';
import { openKnowledge } from '../../openstack/knowledge/open.ts';
import { planAndDraw } from './questions.ts';

// Runs as a thread of the process that answers people.
answerQuestions(planAndDraw(await openKnowledge()));
