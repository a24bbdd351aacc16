import { Cloud } from '../../../jobs/files/cloud.ts';
import type { Plan } from '../../../jobs/run/plan.ts';
import { Runbook } from '../../../jobs/files/runbook.ts';
import { composePlan } from '../../../jobs/run/compose.ts';

interface Changes {
  readonly ssh?: object;
  readonly approvals?: object;
}

/** Two kinds of hosts, and three approvers. */
export const pretendCloud = ({ ssh = {}, approvals = {} }: Changes = {}): Cloud =>
  Cloud.parse({
    name: 'staging',
    environment: 'verification',
    channel: 'C012ABCDEF',
    ssh: { user: 'ops', key: '/keys/id', knownHosts: '/keys/known_hosts', ...ssh },
    hosts: {
      db1: { address: '10.0.0.9', roles: [] },
      ctl1: { address: '10.0.0.1', roles: ['control'], port: 2222 },
      cmp1: { address: '10.0.0.2', roles: ['compute'] },
      cmp2: { address: '10.0.0.3', roles: ['compute'] },
    },
    access: {
      engineers: ['U0ANN'],
      approvers: ['U0BEN', 'U0CHIE', 'U0DAN'],
      approvals,
    },
  });

export const checkStep = {
  id: 'look',
  title: 'Look',
  kind: 'command',
  on: 'all',
  params: { run: ['true'], undo: [] },
};

/** The plan of these steps on the cloud, each a look unless it says otherwise. */
export const planned = (steps: readonly object[], changes?: Changes): Plan =>
  composePlan(
    pretendCloud(changes),
    Runbook.parse({
      title: 'Look',
      steps: steps.map((one, index) => ({ ...checkStep, id: `s${index}`, ...one })),
    }),
    'look',
  );

/** What was thrown; undefined when nothing was. */
export const thrown = (act: () => unknown): unknown => {
  try {
    act();
  } catch (error) {
    return error;
  }
  return undefined;
};
