import type { PlannedHop } from '../deployment/deployment.ts';
import { servingHop } from './beside.ts';
import { type HostHop, hostHop } from './host-hop.ts';
import { byHostInTurns } from './in-turns.ts';
import type { HopOrder, HostWay } from './order.ts';
import { allTogether, withOutage } from './outage.ts';
import { unnamedSteps } from './unnamed.ts';
import { whileServing } from './while-serving.ts';

/**
 * One hop that upgrades whole hosts: one apt run moves the libraries of every service on a host. Checks come first, while
 * everything runs. Then hosts follow each other: all together where releases must not mix, else the control hosts in turn, their
 * neighbours serving where some can, then agents, then computes by zone.
 *
 * Backwards it reads: new programs stopped, databases restored, packages, files and archive as they were, old programs
 * started.
 */
export function byHost(planned: PlannedHop): HopOrder[] {
  const hop = hostHop(planned);
  const unnamed = unnamedSteps(hop.context, hop.hop);
  if (hop.isInTurns) return byHostInTurns(hop, unnamed);
  const { order, alike, looked } = wayOf(hop);
  return [
    ...looksBefore,
    { do: 'as it is', steps: unnamed.before },
    ...order,
    { do: 'adapt', slot: 'afterServices' },
    { do: 'as it is', steps: unnamed.after },
    ...alike,
    ...looksAfter,
    ...looked,
    { do: 'adapt', slot: 'over' },
  ];
}

function wayOf(hop: HostHop): HostWay {
  if (hop.mustNotMix) return allTogether(hop);
  const serving = servingHop(hop);
  return serving === undefined ? withOutage(hop) : whileServing(serving);
}

/** While everything runs, and nothing has changed. */
const looksBefore: readonly HopOrder[] = [
  { do: 'check', what: 'packages', isPartial: false },
  { do: 'back up', what: 'packages', isPartial: false },
  { do: 'check', what: 'own checks', when: 'before' },
  { do: 'migrate data', when: 'before' },
  { do: 'check', what: 'cells' },
  { do: 'check', what: 'rows' },
  { do: 'check', what: 'smoke', title: 'smoke test before the upgrade' },
  { do: 'adapt', slot: 'beforeStop' },
];

/** What a release wants once all hosts run it. */
const looksAfter: readonly HopOrder[] = [
  { do: 'migrate data', when: 'after' },
  { do: 'check', what: 'own checks', when: 'after' },
  { do: 'check', what: 'rows' },
  { do: 'check', what: 'stale', of: 'services' },
  { do: 'check', what: 'smoke', title: 'smoke test after the upgrade' },
];
