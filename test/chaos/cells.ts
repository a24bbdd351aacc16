import { canMountDisks } from './disk.ts';

// What is played against a run: a fault in a phase of it, drawn where the fewest were played so far.

export const phases = ['before start', 'running', 'ended unread', 'gate', 'rollback'] as const;
export type ChaosPhase = (typeof phases)[number];

export const faultNames = [
  'workers killed',
  'workers stopped past their locks',
  'supervisor killed',
  'bot killed',
  'link cut',
  'link silently dead',
  'sshd restarted',
  'host slow',
  'host rebooted',
  'host forgot the step',
  'host restored',
  'host has a full disk',
  'clocks jump',
  'Redis killed',
  'Redis back in time',
  'Redis fails over',
  'Slack limits',
  'Slack fails',
  'Slack loses replies',
  'Slack drops its sockets',
  'Slack delivers late',
  'Slack delivers twice',
  'late press',
] as const;
export type FaultName = (typeof faultNames)[number];

/** One Redis, which may be killed and put back in time, or a pair behind three Sentinels. */
export type ChaosWorld = 'single' | 'Sentinel';

/** A quarter of all seeds is played behind Sentinels. */
export const worldOf = (seed: number): ChaosWorld => (seed % 4 === 0 ? 'Sentinel' : 'single');

const worldOfFault: Readonly<Partial<Record<FaultName, ChaosWorld>>> = {
  'Redis killed': 'single',
  'Redis back in time': 'single',
  'Redis fails over': 'Sentinel',
};

/** One fault in one phase; `step` is where in the plan, `host` which of its hosts, both counted from 0. */
export interface Injection {
  readonly phase: ChaosPhase;
  readonly fault: FaultName;
  readonly step: number;
  readonly host: number;
}

/** How often each fault was played in each phase, by `FAULT / PHASE`. */
export type Hits = ReadonlyMap<string, number>;

export const cellOf = ({ fault, phase }: Pick<Injection, 'fault' | 'phase'>): string =>
  `${fault} / ${phase}`;

/** Nothing has begun on a host that it could forget; and not everybody can give a host a disk of its own. */
const isPossible = (fault: FaultName, phase: ChaosPhase): boolean =>
  (fault !== 'host forgot the step' || (phase !== 'gate' && phase !== 'before start')) &&
  (fault !== 'host has a full disk' || canMountDisks);

/** Where in a plan of twelve steps something is played: its gates are before the first and the seventh. */
const places: Readonly<Record<ChaosPhase, readonly number[]>> = {
  gate: [0, 6],
  'before start': [0, 6],
  running: [1, 3, 8],
  'ended unread': [2, 7],
  rollback: [10, 5, 2],
};

/** Numbers from 0 to below 1 that are the same for the same seed (mulberry32). */
export function seededNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The faults of one run: at each place one of those that were played least in its phase, of those of its world. */
export function drawInjections(seed: number, hits: Hits, hosts: number): Injection[] {
  const world = worldOf(seed);
  const isHere = (fault: FaultName): boolean => (worldOfFault[fault] ?? world) === world;
  const next = seededNumbers(seed);
  const now = new Map(hits);
  const drawn: Injection[] = [];
  for (const phase of phases)
    for (const step of places[phase]) {
      const open = faultNames.filter((fault) => isPossible(fault, phase) && isHere(fault));
      const count = (fault: FaultName): number => now.get(cellOf({ fault, phase })) ?? 0;
      const least = Math.min(...open.map(count));
      const emptiest = open.filter((fault) => count(fault) === least);
      const fault = emptiest[Math.floor(next() * emptiest.length)] ?? 'link cut';
      now.set(cellOf({ fault, phase }), least + 1);
      drawn.push({ phase, fault, step, host: Math.floor(next() * hosts) });
    }
  return drawn;
}

/** The table of what was played, for people. */
export function hitTable(hits: Hits): string {
  const width = Math.max(...faultNames.map(({ length }) => length));
  const line = (name: string, cells: readonly string[]): string =>
    [name.padEnd(width), ...cells.map((cell) => cell.padStart(12))].join(' ');
  const rows = faultNames.map((fault) =>
    line(
      fault,
      phases.map((phase) =>
        isPossible(fault, phase) ? String(hits.get(cellOf({ fault, phase })) ?? 0) : '-',
      ),
    ),
  );
  return [line('', phases), ...rows].join('\n');
}
