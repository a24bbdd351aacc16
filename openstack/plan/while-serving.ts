import type { ServingGroup, ServingHop } from './beside.ts';
import type { HopOrder, HostWay } from './order.ts';
import { controlTurns, laterTurns } from './turns.ts';

/**
 * As `byHost`, where control hosts have neighbours behind a balancer. The first hosts leave it and get their packages while
 * the others serve. Then all databases are dumped, and service by service the new schema is synced, the new programs start on
 * the first hosts, and the others hand over to them. First hosts without a neighbour take their turn after that, their
 * services down for as long; then the other control hosts, agents, computes.
 *
 * Backwards it reads: the first hosts stop, what serves on the others stops too, databases are restored, the others start and
 * serve, and the first hosts get back what they had.
 */
export function whileServing(hop: ServingHop): HostWay {
  const { alone, notes, paired, tiers, waiting } = hop;
  const restarted = paired.map((host) => restartedLater(hop, host));
  return {
    order: [
      { do: 'adapt', slot: 'mixed' },
      { do: 'drain', what: 'instances', state: 'drained', on: tiers.first },
      {
        do: 'ask',
        notes,
        order: [...firstUpgraded(hop), ...alone.flatMap((host) => aloneTurn(hop, host))],
      },
      { do: 'check', what: 'rows', stopped: waiting },
      { do: 'check', what: 'smoke', title: 'smoke test with the first control hosts' },
      { do: 'check', what: 'reported', on: tiers.first },
      { do: 'drain', what: 'instances', state: 'enabled', on: tiers.first },
      ...controlTurns(hop, (host) => ({ do: 'drain', what: 'host', state: 'back', host })),
      ...restarted,
      ...laterTurns(hop),
    ],
    alike: [
      ...[...tiers.first, ...tiers.control].flatMap((host) => unmixed(hop, host)),
      { do: 'adapt', slot: 'unmixed', on: [...tiers.agents, ...tiers.computes] },
    ],
    looked: [],
  };
}

function firstUpgraded(hop: ServingHop): HopOrder[] {
  const { all, alone, groups, paired, started, stopped, tiers } = hop;
  const serving = [...alone, ...tiers.control];
  return [
    ...paired.map((host): HopOrder => ({ do: 'drain', what: 'host', state: 'out', host })),
    // All at once: some of nova's sleep for minutes at each stop.
    { do: 'neighbours', units: stopped, on: paired, now: 'stop', rollback: 'start' },
    { do: 'prepare', on: paired },
    // A rollback restores the dump in between: who serves has to stop for it.
    { do: 'neighbours', units: stopped, on: serving, now: 'leave', rollback: 'start' },
    { do: 'back up', what: 'databases', of: all },
    { do: 'neighbours', units: stopped, on: serving, now: 'leave', rollback: 'stop' },
    ...groups.flatMap((group) => handedOver(hop, group)),
    { do: 'start', units: started.filter(({ tier }) => tier !== 'control'), on: paired },
  ];
}

/** From the other control hosts to the first ones: side by side where these services may, else one after the other. */
function handedOver(hop: ServingHop, { of, apart }: ServingGroup): HopOrder[] {
  const { paired, tiers, waiting } = hop;
  const leaving = waiting.filter(({ moving }) => of.includes(moving));
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
    { do: 'lead schema', of: service },
    { do: 'check', what: 'own checks', when: 'synced', of: [service] },
  ]);
  const started: HopOrder[] = [
    {
      do: 'start',
      units: hop.started.filter(({ tier, moving }) => tier === 'control' && of.includes(moving)),
      on: paired,
    },
    { do: 'check', what: 'warnings', of },
    { do: 'check', what: 'answers', of, which: 'host', on: paired },
    { do: 'adapt', slot: 'afterStart', of, on: paired },
  ];
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

/** Nobody serves in its place meanwhile. On rollback its databases are restored after its turn, so what runs there waits for it. */
function aloneTurn(hop: ServingHop, host: string): HopOrder[] {
  const of = hop.all.filter((moving) => moving.mainHosts[0] === host);
  return [
    { do: 'drain', what: 'host', state: 'out', host },
    { do: 'neighbours', units: hop.stopped, on: [host], now: 'stop', rollback: 'leave' },
    { do: 'prepare', on: [host] },
    ...of.flatMap((service): HopOrder[] => [
      { do: 'lead schema', of: service },
      { do: 'check', what: 'own checks', when: 'synced', of: [service] },
    ]),
    { do: 'restart hosts', on: [host] },
    { do: 'start hosts', units: hop.started, on: [host] },
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
  order: [
    { do: 'start hosts', units: hop.started, on: [host] },
    { do: 'drain', what: 'host', state: 'back', host },
  ],
});

/** nova and what pins itself restart for it, and so does what shares a process with them. */
const unmixed = (hop: ServingHop, host: string): HopOrder[] => {
  const restarted = hop.all.filter(
    ({ known }) => known.name === 'nova' || known.pinsAtStart !== undefined,
  );
  const of = hop.all.filter(
    (one) =>
      restarted.some((other) => other === one || hop.sharers.get(other)?.includes(one) === true) &&
      one.mainHosts.length > 1 &&
      one.mainHosts.includes(host),
  );
  const drain = (state: 'out' | 'back'): HopOrder[] =>
    of.length === 0 ? [] : [{ do: 'drain', what: 'host', state, host, of }];
  return [
    ...drain('out'),
    { do: 'adapt', slot: 'unmixed', on: [host] },
    // systemd has started a program some seconds before it answers, and a balancer believes it at once.
    { do: 'check', what: 'answers', of, which: 'host', on: [host] },
    ...drain('back'),
  ];
};
