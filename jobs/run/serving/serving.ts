// Whether the cloud serves its users while a run lasts: what probes said, folded; what the approval promised; what holds.
// Asking the APIs is for openstack/serving.
import type { RunEvent } from '../events.ts';
import type { Run } from '../run.ts';
import { isFinished, isHeld } from '../standing.ts';
import {
  type ProbeChange,
  type ProbedThing,
  type ServingState,
  canaryProbe,
} from './probe-change.ts';

type ServingEvent = Extract<RunEvent, { type: 'ServingChanged' | 'ServingBreached' }>;

export function servingAfter(run: Run, event: ServingEvent): Run {
  const { probes, breach } = run.serving ?? { probes: {} };
  if (event.type === 'ServingBreached')
    return { ...run, serving: { probes, breach: { at: event.at, probes: event.probes } } };
  const changed = { ...probes };
  for (const change of event.changes) changed[change.probe] = thingAfter(probes, change);
  const isOver = breach?.probes.every((probe) => changed[probe]?.is !== 'down') ?? true;
  return { ...run, serving: { probes: changed, ...(breach && !isOver && { breach }) } };
}

function thingAfter(
  probes: ServingState['probes'],
  { probe, is, since, why, downMs = 0 }: ProbeChange,
): ProbedThing {
  const before = probes[probe];
  return {
    is,
    since,
    ...(why !== undefined && { why }),
    downMs: (before?.downMs ?? 0) + downMs,
    ...(is === 'down' && before?.isAccepted === true && { isAccepted: true as const }),
  };
}

/** The run goes on though what holds it is down: until that answers again. */
export function acceptOutages(run: Run): Run {
  const held = servingBreaches(run);
  if (run.serving === undefined || held.length === 0) return run;
  const accepted = held.flatMap((probe) => {
    const thing = run.serving?.probes[probe];
    return thing === undefined ? [] : [[probe, { ...thing, isAccepted: true as const }] as const];
  });
  const probes = { ...run.serving.probes, ...Object.fromEntries(accepted) };
  return { ...run, serving: { probes } };
}

/** What is down although whoever approved the run was told that it stays up, and which nobody accepted since. */
export const servingBreaches = (run: Run): string[] =>
  Object.entries(run.serving?.probes ?? {}).flatMap(([probe, { is, isAccepted }]) =>
    is === 'down' && isAccepted !== true && isPromised(run, probe) ? [probe] : [],
  );

/** Whether nothing new starts forward because of that. A rollback goes on: it brings back what was served. */
export const isHeldByServing = (run: Run): boolean =>
  run.serving !== undefined &&
  run.ended === undefined &&
  run.aborting === undefined &&
  run.rollback === undefined &&
  servingBreaches(run).length > 0;

/** Whether nothing new starts forward: people want it to stand, or what was promised does not hold. */
export const isPausedOrHeld = (run: Run): boolean => isHeld(run) || isHeldByServing(run);

/** Whether this has to answer right now, by what was approved. Nothing has to where no approval spoke of it. */
export function isPromised(run: Run, probe: string): boolean {
  const promised = run.review?.serving;
  if (promised === undefined || run.rollback !== undefined) return false;
  if (probe === canaryProbe) return promised.instances;
  if (!promised.services.includes(probe)) return false;
  const { steps } = run.plan;
  const now = steps.findIndex((step) => !isFinished(run, step));
  const indexOf = (id: string): number => steps.findIndex((step) => step.id === id);
  return !promised.outages.some(({ service, from, to }) => {
    const isLater = now !== -1 && now < indexOf(from);
    const isOver = to !== undefined && (now === -1 || now > indexOf(to));
    return service === probe && !isLater && !isOver;
  });
}

/** How long something was down in all, until now or the end of the run; ms. */
export function downtimeOf(run: Run, probe: string, now: string): number {
  const thing = run.serving?.probes[probe];
  if (thing === undefined) return 0;
  const until = Date.parse(run.ended?.at ?? now);
  const open = thing.is === 'down' ? Math.max(0, until - Date.parse(thing.since)) : 0;
  return thing.downMs + open;
}
