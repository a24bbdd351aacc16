import { z } from 'zod';
import { command } from '../contract/command.ts';
import { deedOn, deedOfChecking } from '../contract/deed.ts';
import { defineHandler } from '../contract/handler.ts';
import { isServiceRunning, ServiceName } from './service.ts';
import { ServiceState } from './state.ts';
import { systemdManager } from './systemd.ts';

const Params = z.strictObject({
  units: z
    .array(ServiceName)
    .min(1)
    .refine((units) => new Set(units).size === units.length, 'names a unit twice')
    .describe('Services of one of several hosts that serve the same.'),
  now: z
    .enum(['leave', 'let-go', 'stop'])
    .describe(
      'leave: they run on. stop: all at once, and waits until they have. let-go: the same, and does not wait for what they have begun.',
    ),
  rollback: z
    .enum(['leave', 'start', 'stop'])
    .describe('start: those that ran before the step. stop: all that run by then.'),
});

/**
 * Hosts that serve the same take turns: services of one of them run on beside programs of the next release, hand over to
 * them, or stop. A rollback restores databases, for which all have to stop, whoever ran meanwhile: so what becomes of them
 * then is said apart.
 */
export const neighboursHandler = defineHandler({
  kind: 'neighbours',
  params: Params,
  before: z.record(z.string(), ServiceState),
  // Some of nova's wait for what they have begun, three minutes and more.
  timeoutMs: 15 * 60_000,
  reversibility: () => 'reversible',
  probe: ({ units }) => units.flatMap((name) => [...systemdManager.probe(name)]),
  parse: (outputs, { units }) =>
    Object.fromEntries(
      units.map((name, index) => [
        name,
        systemdManager.parse(outputs.slice(index, index + 1), { name, state: 'stopped' }),
      ]),
    ),
  isDone: ({ now }, found, before) =>
    before !== undefined && Object.values(found).every((one) => isAsWanted(now, one)),
  apply: ({ units, now }) =>
    now === 'leave'
      ? [command(['true'])]
      : [command(['systemctl', ...(now === 'let-go' ? ['--no-block'] : []), 'stop', ...units])],
  // They are named in the order in which they are stopped.
  undo: ({ units, rollback }, before, now) => {
    if (rollback === 'leave') return [];
    if (rollback === 'stop') {
      const running = units.filter((name) => !isStopped(now[name]));
      return running.length === 0 ? [] : [command(['systemctl', 'stop', ...running])];
    }
    return units
      .filter((name) => ran(before[name]) && !ran(now[name]))
      .toReversed()
      .map((name) => systemdManager.startAgain(name));
  },
  isRestored: ({ rollback }, before, now) => {
    if (rollback === 'stop') return Object.values(now).every(isStopped);
    return (
      rollback === 'leave' ||
      Object.keys(before).every((name) => !ran(before[name]) || ran(now[name]))
    );
  },
  does: ({ units, now, rollback }) => {
    const back = {
      leave: '',
      start: ', which a rollback starts',
      stop: ', which a rollback stops',
    };
    const names = units.join(', ');
    return now === 'leave'
      ? deedOfChecking(`leave ${names} as they run${back[rollback]}`)
      : deedOn(`${now === 'stop' ? 'stop' : 'let go of'} ${names}${back[rollback]}`, 'stop', units);
  },
  changes: ({ units, now }, found) =>
    units
      .flatMap((name) => {
        const state = found[name];
        return state === undefined || isAsWanted(now, state)
          ? []
          : [`${name}: ${state.active} -> stopped`];
      })
      .join('\n'),
});

const isStopped = (found: ServiceState | undefined): boolean =>
  found === undefined || isServiceRunning(found) === false;

const ran = (found: ServiceState | undefined): boolean =>
  found !== undefined && isServiceRunning(found) === true;

const isAsWanted = (now: z.infer<typeof Params>['now'], found: ServiceState): boolean =>
  now === 'leave' || isStopped(found) || (now === 'let-go' && found.active === 'deactivating');
