import { z } from 'zod';
import { deedOn, deedOfChecking } from '../contract/deed.ts';
import { defineHandler } from '../contract/handler.ts';
import { apiAnswer, apiCommand, ApiFailure, OpenRc, refuseSilence } from './api.ts';
import { serviceRowsProbePython, serviceRowsPython } from './scripts/embedded.ts';

const Row = z.strictObject({
  /** `nova-compute@cmp1`: the binary, and the host as the service names it. */
  name: z.string(),
  id: z.string().nullable(),
  isUp: z.boolean(),
  seen: z.string(),
  note: z.string(),
});

const Found = z.strictObject({ rows: z.array(Row) });

const Rows = z.array(
  z.string().regex(/^[^@\s]+@[^\s]+$/, 'expected a program and a host such as nova-compute@cmp1'),
);

export const ServiceRowsParams = z.strictObject({
  service: z
    .enum(['nova', 'cinder', 'neutron'])
    .describe('Whose services are looked at; of neutron, the agents.'),
  openrc: OpenRc,
  down: Rows.optional().describe(
    'Those that may be down, such as nova-compute@cmp9; cinder-volume@ctl1 stands for each of its backends.',
  ),
  remove: Rows.optional().describe(
    'Those that are removed, each only while it is down. It makes the step one-way. Default: it only looks.',
  ),
  wait: z
    .int('write seconds as a number, such as 60')
    .min(0)
    .max(3600)
    .default(60)
    .describe('Seconds that services get to come up. Default: 60.'),
});
type Params = z.infer<typeof ServiceRowsParams>;

/**
 * Looks whether all services that a service knows of are up. Rows of hosts that are gone hold versions back: a newer release
 * takes them for old services that still run.
 */
export const serviceRowsHandler = defineHandler({
  kind: 'service-rows',
  params: ServiceRowsParams,
  before: z.union([Found, ApiFailure]),
  timeoutMs: 70 * 60_000,
  probeTimeoutMs: 3 * 60_000,
  reversibility: ({ remove = [] }) => (remove.length === 0 ? 'reversible' : 'oneWay'),
  // Only what is removed is looked for beforehand: the look itself is the step.
  probe: (params) =>
    removed(params).length === 0
      ? []
      : [apiCommand(serviceRowsProbePython, asker(params), [params.service])],
  parse: (outputs, params) =>
    removed(params).length === 0 ? { rows: [] } : apiAnswer(outputs[0], Found),
  isDone: (params, found, before) => {
    if (removed(params).length === 0) return undefined;
    refuseSilence(`looking at the services of ${params.service}`, found);
    const left = toRemove(params, found);
    return left.length > 0 ? false : before === undefined ? undefined : true;
  },
  apply: (params) => [
    apiCommand(serviceRowsPython, asker(params), [
      params.service,
      String(params.wait),
      JSON.stringify({ down: params.down ?? [], remove: removed(params) }),
    ]),
  ],
  undo: () => [],
  isRestored: () => true,
  does: (params) =>
    removed(params).length === 0
      ? deedOfChecking(`check that services of ${params.service} are up`)
      : deedOn(`remove records of ${removed(params).join(', ')}`, 'forget', removed(params)),
  changes: (params, found) =>
    'error' in found
      ? ''
      : toRemove(params, found)
          .map(
            ({ name, isUp, seen }) =>
              `remove ${name} (${isUp ? 'up' : `last heard of at ${seen}`})`,
          )
          .join('\n'),
});

const removed = ({ remove = [] }: Params): readonly string[] => remove;

const toRemove = (params: Params, { rows }: z.infer<typeof Found>): z.infer<typeof Row>[] =>
  rows.filter(({ name }) => removed(params).includes(name));

const asker = ({ openrc }: Params) => ({ openrc, timeout: 30 });
