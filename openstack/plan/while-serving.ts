import type { PlannedHop } from '../deployment/deployment.ts';
import type { ServiceUnit } from '../deployment/intents.ts';
import { apartOn, neighboursOf } from './beside.ts';
import { behindNotes, looksAfter, looksBefore } from './by-host.ts';
import type { PlannedService } from './context.ts';
import type { HopOrder } from './order.ts';
import { sortedByTier, unitsOn } from './tiers.ts';
import {
  agentTurns,
  computeTurn,
  computeTurns,
  hostTurn,
  isControl,
  preparedHosts,
  sharersOf,
  startedHosts,
  type StoppedHop,
  syncedSchema,
} from './turns.ts';
import { unnamedSteps } from './unnamed.ts';

/**
 * As `byHost`, where control hosts have neighbours behind a balancer. The first hosts leave it and get their packages while
 * the others serve. Then all databases are dumped, and service by service the new schema is synced, the new programs start on
 * the first hosts, and the others hand over to them. First hosts without a neighbour take their turn after that, their
 * services down for as long; then the other control hosts, agents, computes.
 *
 * Backwards it reads: the first hosts stop, what serves on the others stops too, databases are restored, the others start and
 * serve, and the first hosts get back what they had.
 */
export function byHostWhileServing(planned: PlannedHop): HopOrder[] {
  const { context, tiers } = planned;
  const split = splitFirst(planned);
  const hop = { ...planned, ...split, stopped: stoppedBy(planned) };
  return [
    ...looksBefore(planned),
    { do: 'adapt', slot: 'mixed' },
    { do: 'drain', what: 'instances', state: 'drained', on: tiers.first },
    {
      do: 'ask',
      notes: [...servingNotes(hop), ...behindNotes(hop)],
      order: [...firstUpgraded(hop), ...split.alone.flatMap((host) => aloneTurn(hop, host))],
    },
    { do: 'check', what: 'rows', stopped: unitsOn(hop.stopped, tiers.control) },
    { do: 'check', what: 'smoke', title: 'smoke test with the first control hosts' },
    { do: 'check', what: 'reported', on: tiers.first },
    { do: 'drain', what: 'instances', state: 'enabled', on: tiers.first },
    ...tiers.control.flatMap((host): HopOrder[] => [
      ...computeTurn([host], hostTurn(hop, [host])),
      { do: 'drain', what: 'host', state: 'back', host },
    ]),
    ...split.paired.flatMap((host) => restartedLater(hop, host)),
    ...agentTurns(hop, (host) => hostTurn(hop, [host])),
    ...computeTurns(hop, (hosts) => hostTurn(hop, hosts)),
    { do: 'adapt', slot: 'afterServices' },
    { do: 'as it is', steps: unnamedSteps(context, hop.hop, 'after') },
    ...[...tiers.first, ...tiers.control].flatMap((host) => unmixed(hop, host)),
    { do: 'adapt', slot: 'unmixed', on: [...tiers.agents, ...tiers.computes] },
    ...looksAfter,
    { do: 'adapt', slot: 'over' },
  ];
}

interface ServingHop extends StoppedHop {
  /** First hosts of which a service has another host. */
  readonly paired: readonly string[];
  readonly alone: readonly string[];
}

function splitFirst(planned: PlannedHop): Pick<ServingHop, 'paired' | 'alone'> {
  const paired = planned.tiers.first.filter((host) =>
    planned.all.some(
      (moving) => moving.mainHosts.includes(host) && neighboursOf(planned, moving).length > 0,
    ),
  );
  return { paired, alone: planned.tiers.first.filter((host) => !paired.includes(host)) };
}

/** What is stopped by the time that the first hosts serve alone. */
const stoppedBy = ({ tiers, units }: PlannedHop): ServiceUnit[] =>
  sortedByTier(units.stopping).flatMap((unit) =>
    isControl(unit) ? [unit] : unitsOn([unit], tiers.first),
  );

function firstUpgraded(hop: ServingHop): HopOrder[] {
  const { all, alone, paired, stopped, tiers, units } = hop;
  const serving = unitsOn(stopped, [...alone, ...tiers.control]);
  return [
    ...paired.map((host): HopOrder => ({ do: 'drain', what: 'host', state: 'out', host })),
    // All at once: some of nova's sleep for minutes at each stop.
    { do: 'neighbours', units: unitsOn(stopped, paired), now: 'stop', rollback: 'start' },
    ...preparedHosts(paired),
    // A rollback restores the dump in between: who serves has to stop for it.
    { do: 'neighbours', units: serving, now: 'leave', rollback: 'start' },
    { do: 'back up', what: 'databases', of: all },
    { do: 'neighbours', units: serving, now: 'leave', rollback: 'stop' },
    ...groupsOf(hop).flatMap((of) => handedOver(hop, of)),
    {
      do: 'start',
      units: unitsOn(
        sortedByTier(units.after).filter((unit) => !isControl(unit)),
        paired,
      ),
    },
  ];
}

/** Services that one process serves go together; those of hosts without a neighbour have their own turn. */
function groupsOf(hop: ServingHop): PlannedService[][] {
  const sharers = sharersOf(hop);
  const done = new Set<PlannedService>();
  return [
    ...hop.all.filter(({ known }) => !known.last),
    ...hop.all.filter(({ known }) => known.last),
  ].flatMap((service) => {
    const of = [service, ...(sharers.get(service) ?? [])].filter(
      (one) => !done.has(one) && !isAlone(hop, one),
    );
    for (const one of of) done.add(one);
    return of.length === 0 ? [] : [of];
  });
}

const isAlone = ({ alone }: ServingHop, moving: PlannedService): boolean =>
  alone.includes(moving.mainHosts[0] ?? '');

/** From the other control hosts to the first ones: side by side where these services may, else one after the other. */
function handedOver(hop: ServingHop, of: readonly PlannedService[]): HopOrder[] {
  const { paired, stopped, tiers, units } = hop;
  const leaving = unitsOn(stopped, tiers.control).filter(({ moving }) => of.includes(moving));
  const out = tiers.control.map((host): HopOrder => ({
    do: 'drain',
    what: 'host',
    state: 'out',
    host,
    of,
  }));
  const back = paired.map((host): HopOrder => ({
    do: 'drain',
    what: 'host',
    state: 'back',
    host,
    of,
  }));
  const synced = of.flatMap((service): HopOrder[] => [
    ...syncedSchema(service),
    { do: 'check', what: 'own checks', when: 'synced', of: [service] },
  ]);
  const started: HopOrder[] = [
    {
      do: 'start',
      units: unitsOn(
        sortedByTier(units.after).filter((unit) => isControl(unit) && of.includes(unit.moving)),
        paired,
      ),
    },
    { do: 'check', what: 'warnings', of },
    { do: 'check', what: 'answers', of, which: 'host', on: paired },
    { do: 'adapt', slot: 'afterStart', of, on: paired },
  ];
  const apart = apartTogether(hop, of);
  // Where both may serve, so may the old ones once more until the databases are restored.
  const rollback = apart === undefined ? 'leave' : 'start';
  const stop: HopOrder = { do: 'neighbours', units: leaving, now: 'stop', rollback };
  // A login goes by the catalogue, so through the balancer.
  const login: HopOrder = { do: 'check', what: 'answers', of, which: 'login' };
  if (apart === undefined) return [...out, stop, ...synced, ...started, ...back, login];
  return [
    ...synced,
    {
      do: 'neighbours',
      units: leaving.filter(({ name }) => apart.includes(name)),
      now: 'let-go',
      rollback,
    },
    ...started,
    ...back,
    ...out,
    stop,
    login,
  ];
}

/** Undefined where one of them may not serve beside its next release. */
function apartTogether(
  { context }: PlannedHop,
  of: readonly PlannedService[],
): readonly string[] | undefined {
  const each = of.map((moving) => apartOn(context, moving));
  return each.some((one) => one === undefined) ? undefined : each.flatMap((one) => one ?? []);
}

/** Nobody serves in its place meanwhile. On rollback its databases are restored after its turn, so what runs there waits for it. */
function aloneTurn(hop: ServingHop, host: string): HopOrder[] {
  const of = hop.all.filter((moving) => moving.mainHosts[0] === host);
  return [
    { do: 'drain', what: 'host', state: 'out', host },
    { do: 'neighbours', units: unitsOn(hop.stopped, [host]), now: 'stop', rollback: 'leave' },
    ...preparedHosts([host]),
    ...of.flatMap((service): HopOrder[] => [
      ...syncedSchema(service),
      { do: 'check', what: 'own checks', when: 'synced', of: [service] },
    ]),
    { do: 'restart hosts', on: [host] },
    ...startedHosts(hop, [host]),
    { do: 'check', what: 'warnings', of },
    { do: 'drain', what: 'host', state: 'back', host },
    { do: 'check', what: 'answers', of, which: 'login' },
  ];
}

/** A first host may go once the others serve again. */
const restartedLater = (hop: ServingHop, host: string): HopOrder => ({
  do: 'if any',
  before: [{ do: 'drain', what: 'host', state: 'out', host }],
  first: { do: 'restart hosts', on: [host] },
  order: [...startedHosts(hop, [host]), { do: 'drain', what: 'host', state: 'back', host }],
});

/** nova and what pins itself restart for it, and so does what shares a process with them. */
const unmixed = (hop: ServingHop, host: string): HopOrder[] => {
  const restarted = hop.all.filter(
    ({ known }) => known.name === 'nova' || known.pinsAtStart !== undefined,
  );
  const sharers = sharersOf(hop);
  const of = hop.all.filter(
    (one) =>
      restarted.some((other) => other === one || sharers.get(other)?.includes(one) === true) &&
      one.mainHosts.length > 1 &&
      one.mainHosts.includes(host),
  );
  const drain = (state: 'out' | 'back'): HopOrder[] =>
    of.length === 0 ? [] : [{ do: 'drain', what: 'host', state, host, of }];
  return [...drain('out'), { do: 'adapt', slot: 'unmixed', on: [host] }, ...drain('back')];
};

function servingNotes(hop: ServingHop): string[] {
  const { all, paired, tiers, context } = hop;
  const bare = all.filter((one) => neighboursOf(hop, one).length === 0);
  const kept = all.filter((one) => !bare.includes(one));
  const beside = kept.filter((one) => apartTogether(hop, groupOf(hop, one)) !== undefined);
  const cold = kept.filter((one) => !beside.includes(one));
  const apart = beside.flatMap((one) => apartOn(context, one) ?? []);
  const expanded = beside.filter(({ known }) => known.beside?.contract !== undefined);
  return [
    `The upgrade of ${paired.join(', ')} begins here, out of the balancer, while the old release is served by ${tiers.control.join(', ')}. Then the services change over one by one. Computes and agents keep running the old release until their turn.`,
    ...told(
      beside,
      `For the moment of the change both releases serve beside each other: ${titles(beside)}.${apart.length === 0 ? '' : ` ${apart.join(', ')} of the old release stop before: what they would do waits until the new ones are there.`}`,
    ),
    ...told(
      expanded,
      `No migration of this hop contracts a schema of ${titles(expanded)}, so they are only expanded, while the old release serves.`,
    ),
    ...told(
      cold,
      `Nobody says that both releases of these may serve beside each other, so they are down from the stop of the old one to the start of the new one: ${titles(cold)}.`,
    ),
    ...told(
      bare,
      `No other host serves ${titles(bare)}: down while ${[...new Set(bare.flatMap((one) => one.mainHosts))].join(', ')} is upgraded.`,
    ),
    'The databases are dumped while people work. A rollback stops all APIs, restores that dump, and loses what was made since.',
  ];
}

const told = (some: readonly PlannedService[], text: string): string[] =>
  some.length === 0 ? [] : [text];

const titles = (some: readonly PlannedService[]): string =>
  some.map(({ known }) => known.title).join(', ');

const groupOf = (hop: ServingHop, moving: PlannedService): PlannedService[] =>
  groupsOf(hop).find((group) => group.includes(moving)) ?? [moving];
