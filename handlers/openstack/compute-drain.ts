import { z } from 'zod';
import { OperatorError } from '../contract/errors.ts';
import { deedOn } from '../contract/deed.ts';
import { defineHandler } from '../contract/handler.ts';
import { apiAnswer, apiCommand, ApiFailure, OpenRc, refuseSilence, Seconds } from './api.ts';
import {
  drainEnablePython,
  drainProbePython,
  drainPython,
  drainSwitchPython,
} from './scripts/embedded.ts';

const Found = z.strictObject({
  status: z.string(),
  /** Why it is disabled; empty when nobody said. */
  reason: z.string(),
  isUp: z.boolean(),
  servers: z.array(z.strictObject({ id: z.string(), name: z.string(), status: z.string() })),
});
type Found = z.infer<typeof Found>;

/** How the reason begins that says that an upgrade disabled a compute. */
const mark = 'Hopscotch: ';

export const ComputeDrainParams = z
  .strictObject({
    host: z.string().min(1).describe("The compute host, by the name that nova's services have."),
    openrc: OpenRc,
    state: z
      .enum(['drained', 'enabled'])
      .default('drained')
      .describe(
        'enabled: waits until nova-compute is up and lets it have servers again, unless somebody else had disabled it. Default: drained.',
      ),
    mode: z
      .enum(['live', 'cold', 'skip'])
      .optional()
      .describe(
        'live: servers that run are live-migrated, those that are shut off migrated. cold: all are migrated, which stops them. skip: they stay.',
      ),
    reason: z.string().min(1).max(200).optional().describe('Why servers stay; skip needs it.'),
    leave: z
      .array(z.string().min(1))
      .optional()
      .describe('Names or ids of servers that may stay, such as broken ones.'),
    nowhere: z
      .string()
      .min(1)
      .max(200)
      .optional()
      .describe(
        'Why nova may find no other host for some servers, such as a zone without another compute: they stay. Default: that is a failure.',
      ),
    timeout: Seconds.default(3600).describe(
      'Seconds after which it waits no longer. Default: 3600.',
    ),
  })
  .refine(({ state, mode }) => (state === 'drained') === (mode !== undefined), {
    message: 'says how a host is drained: needed for that, and for nothing else',
    path: ['mode'],
  })
  .refine(({ mode, reason }) => mode !== 'skip' || reason !== undefined, {
    message: 'is needed where servers stay',
    path: ['reason'],
  });
type Params = z.infer<typeof ComputeDrainParams>;

/**
 * Keeps new servers off a compute host and moves those it has to others, until none is left. Its undo lets the host have
 * servers again where it could before; those that were moved stay where they are.
 */
export const computeDrainHandler = defineHandler({
  kind: 'compute-drain',
  params: ComputeDrainParams,
  before: z.union([Found, ApiFailure]),
  timeoutMs: 24 * 60 * 60_000,
  probeTimeoutMs: 3 * 60_000,
  reversibility: () => 'reversible',
  probe: (params) => [apiCommand(drainProbePython, params, [params.host])],
  parse: ([output]) => apiAnswer(output, Found),
  isDone: (params, found, before) => {
    refuseSilence(`looking at nova-compute on ${params.host}`, found);
    if (params.state === 'enabled') return isEnabled(found, before !== undefined);
    // What nova found a host for is gone once it was tried.
    const isTried = before !== undefined && params.nowhere !== undefined;
    const left =
      params.mode === 'skip' || isTried ? [] : found.servers.filter((one) => !mayStay(params, one));
    if (before !== undefined && left.length > 0) throw notEmpty(params, left);
    return found.status === 'disabled' && left.length === 0;
  },
  apply: ({ host, openrc, state, mode, reason, leave = [], nowhere, timeout }) => [
    state === 'enabled'
      ? apiCommand(drainEnablePython, { openrc, timeout }, [host, String(timeout), mark])
      : apiCommand(drainPython, { openrc, timeout }, [
          JSON.stringify({
            host,
            mode,
            leave,
            nowhere,
            timeout,
            reason: `${mark}${reason ?? 'upgrade of this host'}`,
          }),
        ]),
  ],
  undo: (params, before, now) => {
    const { host } = params;
    refuseSilence(`looking at nova-compute on ${host}`, now);
    if ('error' in before || before.status === now.status) return [];
    const reason = before.status === 'disabled' ? before.reason || `${mark}as before` : '';
    return [apiCommand(drainSwitchPython, params, [host, reason])];
  },
  isRestored: ({ host }, before, now) => {
    refuseSilence(`looking at nova-compute on ${host}`, now);
    return 'error' in before || before.status === now.status;
  },
  does: ({ host, state, mode = 'live' }) =>
    state === 'enabled'
      ? deedOn(`enable nova-compute on ${host}`, 'enable', [host])
      : mode === 'skip'
        ? deedOn(`disable nova-compute on ${host} (instances stay)`, 'disable', [host])
        : deedOn(`${drainWords[mode]} ${host}`, mode === 'live' ? 'liveMigrate' : 'coldMigrate', [
            host,
          ]),
  changes: (params, found) => {
    if ('error' in found) return '';
    const { host, state, mode } = params;
    const wanted = state === 'enabled' ? 'enabled' : 'disabled';
    const moved = found.servers.filter((one) => !mayStay(params, one));
    return [
      ...(found.status === wanted ? [] : [`nova-compute on ${host}: ${found.status} -> ${wanted}`]),
      ...(state === 'enabled'
        ? []
        : moved.length === 0
          ? [`no servers on ${host}`]
          : [`${mode === 'skip' ? 'stay' : 'leave'}: ${moved.map(said).join(', ')}`]),
    ].join('\n');
  },
});

const drainWords = {
  live: 'live-migrate instances off',
  cold: 'stop instances and migrate them off',
} as const;

const said = ({ name, status }: Found['servers'][number]): string => `${name} (${status})`;

const mayStay = ({ leave = [] }: Params, { id, name }: Found['servers'][number]): boolean =>
  leave.includes(name) || leave.includes(id);

/** What somebody else disabled is left so, which is no failure. */
const isEnabled = ({ status, isUp, reason }: Found, isAfter: boolean): boolean | undefined =>
  isAfter && status === 'disabled' && !reason.startsWith(mark)
    ? undefined
    : status === 'enabled' && isUp;

const notEmpty = ({ host }: Params, left: Found['servers']): OperatorError =>
  new OperatorError(
    `draining ${host}: it still has ${left.length} servers: ${left.map(said).join(', ')}`,
    {
      name: 'NotDrained',
      hint: 'Move or shut them off by hand and retry, name them under "leave", or drain with mode skip and a reason.',
    },
  );
