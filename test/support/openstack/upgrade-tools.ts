import type { InspectAnswer } from '../../../jobs/redis/inspect-request.ts';
import type { RunStore } from '../../../jobs/redis/store.ts';
import type { RunEvent } from '../../../jobs/run/events.ts';
import { fold } from '../../../jobs/run/fold.ts';
import type { Plan } from '../../../jobs/run/plan.ts';
import type { PlannedRunbook, UpgradeRequest } from '../../../openstack/plan/planner.ts';
import { planningHere } from '../../../openstack/upgrade/planning.ts';
import type { UpgradeTools } from '../../../openstack/upgrade/requests.ts';
import { junoCloud as juno } from '../../openstack/juno-cloud.ts';
import { knowledge } from '../../openstack/known.ts';
import { inspectAnswers } from '../../openstack/inspect-answers.ts';

export const toolsCloud = {
  ...juno,
  access: { ...juno.access, engineers: ['UANN'], approvers: ['UBEN'] },
};

export const productionCloud = {
  ...toolsCloud,
  environment: 'production' as const,
  access: {
    ...toolsCloud.access,
    approvers: ['UBEN', 'UCHIE'],
    approvals: { reversible: 1, restorable: 1, oneWay: 2 },
  },
};

export const requestedAt = '2026-11-22T02:00:00.000Z';

export const pretendRunbook: PlannedRunbook = {
  title: 'Upgrade example-juno from Juno to Liberty',
  description: 'Upgrade path: Juno, Kilo, Liberty.',
  overview: ['Upgrade path: Juno, Kilo, Liberty.'],
  steps: [
    {
      id: 'stop',
      title: 'stop nova-api',
      kind: 'service',
      on: 'control',
      params: { name: 'nova-api', state: 'stopped', manager: 'sysv' },
      maxFailures: 0,
      approval: true,
      notes: ['It is down.'],
    },
  ],
};

/** Tools for a cloud whose hosts answer so, with these logs of earlier runs; and what was asked, planned and created. */
export function pretendTools(
  answer: InspectAnswer = inspectAnswers(),
  logs: Readonly<Record<string, RunEvent[]>> = {},
) {
  const [asked, planned, created]: [string[], UpgradeRequest[], Plan[]] = [[], [], []];
  const runs = new Map<string, RunEvent[]>(Object.entries(logs));
  const store: UpgradeTools['store'] & Pick<RunStore, 'append'> = {
    create: async (event) => {
      created.push(event.plan);
      runs.set(event.run, [event]);
      return fold([event]);
    },
    load: async (id) => fold(runs.get(id) ?? []),
    recent: async () => Object.keys(logs),
    events: async (id) => runs.get(id) ?? [],
    append: async () => {
      throw new Error('nothing is appended here');
    },
  };
  const tools: UpgradeTools = {
    knowledge,
    store,
    look: async (id) => {
      asked.push(id);
      return answer;
    },
    readConfigFiles: async () => ({ 'kilo/all/etc/nova/nova.conf': '[DEFAULT]\n' }),
    planning: planningHere(knowledge, (request) => {
      planned.push(request);
      return pretendRunbook;
    }),
    now: () => requestedAt,
  };
  return { tools, store, asked, planned, created };
}
