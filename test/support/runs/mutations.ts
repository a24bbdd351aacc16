import { handlers } from '../../../handlers/index.ts';
import type { Plan, PlanStep } from '../../../jobs/run/plan.ts';

type Change = (step: PlanStep, plan: Plan) => PlanStep | readonly PlanStep[] | undefined;

/** Something dangerous that is done to one step of a plan; undefined where it does not fit the step. */
export interface Mutation {
  readonly name: string;
  readonly change: Change;
}

/** A step of the same kind with other params, its commands and its rollback made anew. */
function withParams(step: PlanStep, change: object): PlanStep {
  const params = { ...(step.params as object), ...change };
  const bound = handlers[step.kind]?.bind(params);
  if (bound === undefined) throw new Error(`no kind ${step.kind}`);
  return {
    ...step,
    params,
    exit: bound.reversibility,
    apply: bound.apply.map((one) => ({ ...one })),
  };
}

const given = (step: PlanStep): Record<string, unknown> => step.params as Record<string, unknown>;

const ofKind =
  (kind: string, change: (step: PlanStep) => PlanStep | undefined): Change =>
  (step) =>
    step.kind === kind ? change(step) : undefined;

const extra = (step: PlanStep, kind: string, params: object): PlanStep => {
  const bound = handlers[kind]?.bind(params);
  if (bound === undefined) throw new Error(`no kind ${kind}`);
  const { gate: _gate, notes: _notes, ...rest } = step;
  return {
    ...rest,
    id: `${step.id}-x`.slice(-40),
    title: 'nova-status upgrade check',
    kind,
    params,
    exit: bound.reversibility,
    doer: 'host',
    apply: bound.apply.map((one) => ({ ...one })),
  };
};

/** Each changes a plan in a way that people have to see. */
export const mutations: readonly Mutation[] = [
  {
    name: 'another archive',
    change: ofKind('repository', (step) => withParams(step, { uri: 'http://evil.example/ubuntu' })),
  },
  {
    name: 'another suite',
    change: ofKind('repository', (step) => withParams(step, { suite: 'jammy-proposed/zed' })),
  },
  {
    name: 'an unsigned archive',
    change: ofKind('repository', (step) => {
      const { keyPackage: _key, keyFile: _file, ...params } = given(step);
      return withParams({ ...step, params }, { trusted: true });
    }),
  },
  {
    name: 'one more file',
    change: (step) => [
      step,
      extra(step, 'file', { path: '/etc/cron.d/x', content: '* * * * * root x\n' }),
    ],
  },
  {
    name: 'one more command',
    change: (step) => [step, extra(step, 'command', { run: ['rm', '-rf', '/var/x'] })],
  },
  {
    name: 'one file less',
    change: ofKind('repository', (step) => withParams(step, { replaces: [] })),
  },
  {
    name: 'new configuration files',
    change: ofKind('package', (step) => withParams(step, { conffiles: 'new' })),
  },
  {
    name: 'a service that may start too early',
    change: ofKind('package', (step) => {
      const [, ...hold] = (given(step)['hold'] ?? []) as string[];
      return hold.length === 0 ? undefined : withParams(step, { hold });
    }),
  },
  {
    name: 'a purge',
    change: ofKind('package', (step) => withParams(step, { purge: ['nova-common'] })),
  },
  {
    name: 'a database that is not backed up',
    change: ofKind('database-backup', (step) => {
      const [, ...databases] = given(step)['databases'] as string[];
      return withParams(step, { databases });
    }),
  },
  { name: 'no backup', change: (step) => (step.kind === 'database-backup' ? [] : undefined) },
  { name: 'no smoke test', change: (step) => (step.kind === 'smoke' ? [] : undefined) },
  {
    name: 'another schema',
    change: ofKind('schema-sync', (step) => withParams(step, { to: ['0000deadbeef'] })),
  },
  {
    name: 'another command of a sync',
    change: ofKind('schema-sync', (step) =>
      withParams(step, { run: ['nova-manage', 'db', 'wipe'] }),
    ),
  },
  {
    name: 'another user',
    change: ofKind('upgrade-check', (step) => withParams(step, { user: 'root' })),
  },
  {
    name: 'more exit codes that count as done',
    change: ofKind('upgrade-check', (step) => withParams(step, { okExits: [0, 1, 2] })),
  },
  {
    name: 'instances that stay',
    change: ofKind('compute-drain', (step) =>
      given(step)['mode'] === 'live' ? withParams(step, { mode: 'skip', reason: 'x' }) : undefined,
    ),
  },
  {
    name: 'another state',
    change: ofKind('service', (step) => withParams(step, { state: 'restarted' })),
  },
  {
    name: 'more failed hosts that are tolerated',
    change: (step) => ({ ...step, maxFailures: step.maxFailures + 3 }),
  },
  {
    name: 'all hosts at once',
    change: (step) =>
      step.batch < step.hosts.length ? { ...step, batch: step.hosts.length } : undefined,
  },
  {
    name: 'no approval',
    change: (step, plan) => {
      const { gate, ...rest } = step;
      return gate === undefined || plan.steps[0] === step ? undefined : rest;
    },
  },
  {
    name: 'no rollback',
    change: (step) => (step.exit === 'oneWay' ? undefined : { ...step, exit: 'oneWay' }),
  },
  { name: 'a longer wait', change: (step) => ({ ...step, timeoutMs: step.timeoutMs * 10 }) },
];

/** The plan with the mutation done to the step at `index`, or to the next that it fits; undefined where it fits none. */
export function mutated(plan: Plan, { change }: Mutation, index: number): Plan | undefined {
  const order = plan.steps.map((_step, at) => (index + at) % plan.steps.length);
  for (const at of order) {
    const step = plan.steps[at];
    const found = step && change(step, plan);
    if (found === undefined) continue;
    const made = Array.isArray(found) ? found : [found];
    return { ...plan, steps: plan.steps.toSpliced(at, 1, ...made) };
  }
  return undefined;
}
