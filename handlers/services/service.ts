import { z } from 'zod';
import { deedOn } from '../contract/deed.ts';
import { defineHandler } from '../contract/handler.ts';
import { ServiceState, type ServiceManager } from './state.ts';
import { systemdManager } from './systemd.ts';
import { whyDownCommand } from './why-down.ts';
import { sysvManager } from './sysv.ts';

/** By the name that a runbook gives them. */
export const serviceManagers: Readonly<Record<'systemd' | 'sysv', ServiceManager>> = {
  systemd: systemdManager,
  sysv: sysvManager,
};

const verbs = { started: 'start', stopped: 'stop', restarted: 'restart' } as const;

export const ServiceName = z
  .string()
  .regex(/^[A-Za-z0-9_][A-Za-z0-9_.:@-]*$/, 'expected a service name such as nova-api');

/**
 * Starts, stops or restarts a service, and says whether it starts at boot. `undo` puts back whether it ran and, where the
 * step sets it, whether it starts at boot; a service that ran before a restart is left running.
 */
export const serviceHandler = defineHandler({
  kind: 'service',
  params: z.strictObject({
    name: ServiceName.describe('Name of the service or unit, such as nova-api.'),
    state: z
      .enum(['started', 'stopped', 'restarted'])
      .describe(
        'started, stopped: nothing to do when it is so already. restarted: always restarts.',
      ),
    enabled: z.boolean().optional().describe('Whether it starts at boot. Default: as it is.'),
    manager: z
      .enum(['systemd', 'sysv'])
      .default('systemd')
      .describe('sysv: by its script in /etc/init.d, on a host without systemd.'),
  }),
  before: ServiceState,
  timeoutMs: 5 * 60_000,
  reversibility: () => 'reversible',
  probe: ({ name, manager }) => serviceManagers[manager].probe(name),
  parse: (outputs, params) => serviceManagers[params.manager].parse(outputs, params),
  isDone: ({ state, enabled, manager }, found, before) => {
    if (enabled !== undefined && serviceManagers[manager].isEnabled(found.boot) !== enabled)
      return false;
    if (state !== 'restarted') return isServiceRunning(found) === (state === 'started');
    // Before its restart a service is neither right nor wrong.
    if (before === undefined) return undefined;
    if (isServiceRunning(found) !== true) return false;
    return found.run === '' ? undefined : found.run !== before.run;
  },
  apply: ({ name, state, enabled, manager }) => [
    serviceManagers[manager].act(verbs[state], name),
    ...(state === 'stopped' ? [] : serviceManagers[manager].comesUp(name)),
    ...(enabled === undefined ? [] : serviceManagers[manager].enable(name, enabled)),
  ],
  undo: ({ name, enabled, manager }, before, now) => {
    const { act, startAgain, comesUp, putBackBoot } = serviceManagers[manager];
    const ran = isServiceRunning(before);
    return [
      ...(enabled === undefined ? [] : putBackBoot(name, before.boot, now.boot)),
      ...(ran === undefined || ran === isServiceRunning(now)
        ? []
        : ran
          ? [startAgain(name), ...comesUp(name)]
          : [act('stop', name)]),
    ];
  },
  isRestored: ({ enabled }, before, now) =>
    [undefined, isServiceRunning(now)].includes(isServiceRunning(before)) &&
    (enabled === undefined || before.boot === now.boot),
  evidence: ({ name, state, manager }) =>
    state === 'stopped' || manager !== 'systemd' ? [] : [whyDownCommand(name)],
  does: ({ name, state, enabled }) => {
    const boot = enabled === undefined ? '' : `, ${enabled ? 'at boot too' : 'not at boot'}`;
    return deedOn(`${verbs[state]} ${name}${boot}`, verbs[state], [name]);
  },
  changes: ({ name, state, enabled, manager }, before) => {
    const boot = before.boot || 'not at boot';
    return [
      ...(isServiceRunning(before) === (state === 'started') && state !== 'restarted'
        ? []
        : [`${name}: ${said(before)} -> ${state}`]),
      ...(enabled === undefined || enabled === serviceManagers[manager].isEnabled(before.boot)
        ? []
        : [`${name}: ${boot} -> ${enabled ? 'enabled' : 'disabled'}`]),
    ].join('\n');
  },
});

/** Whether it runs; undefined when it is on its way to either, such as between two tries to start. */
export function isServiceRunning({ active }: ServiceState): boolean | undefined {
  if (['active', 'reloading', 'refreshing'].includes(active)) return true;
  return ['inactive', 'failed'].includes(active) ? false : undefined;
}

const said = ({ active, detail }: ServiceState): string =>
  detail === '' || detail === active ? active : `${active} (${detail})`;
