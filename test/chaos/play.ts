import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openGate } from '../../jobs/run/decide.ts';
import type { Run } from '../../jobs/run/run.ts';
import { type Hits, type Injection, drawInjections, seededNumbers } from './cells.ts';
import { makeFault, takeHostSnapshot } from './faults.ts';
import { brokenPromises } from './judge.ts';
import { type LedgerLine, ledgerCommand, livingExecutions, readLedger } from './ledger.ts';
import { type ChaosHost, type ChaosParts, chaosCloud } from './parts.ts';
import { type ChaosPeople, openChaosPeople } from './people.ts';

export interface ChaosResult {
  readonly seed: number;
  readonly run: string;
  /** What was played. */
  readonly made: readonly Injection[];
  /** Started on hosts, both ways. */
  readonly executions: number;
  readonly seconds: number;
  readonly broken: readonly string[];
}

export interface ChaosGame {
  readonly seed: number;
  readonly injections: readonly Injection[];
  readonly steps: number;
}

/** The game of a seed: twelve steps, there and back. */
export const chaosGame = (seed: number, hits: Hits, hosts: number): ChaosGame => ({
  seed,
  steps: 12,
  injections: drawInjections(seed, hits, hosts),
});

const standsForMs = 90_000;
const atMostMs = 360_000;

interface Playing {
  readonly parts: ChaosParts;
  readonly game: ChaosGame;
  readonly people: ChaosPeople;
  readonly made: Set<Injection>;
  readonly next: () => number;
}

/** Plays a run there and back with its faults, and judges it. */
export async function playChaos(parts: ChaosParts, game: ChaosGame): Promise<ChaosResult> {
  const begunMs = performance.now();
  const title = `Chaos ${game.seed}`;
  await prepareHosts(parts, game);
  await parts.addRunbook(`chaos-${game.seed}`, runbookOf(parts, game, title));
  const people = openChaosPeople(parts, { retries: game.seed % 2 === 0 });
  const playing: Playing = {
    parts,
    game,
    people,
    made: new Set(),
    next: seededNumbers(~game.seed),
  };
  const run = await people.start(`chaos-${game.seed}`);
  const broken = await there(playing, run);
  const events = await parts.store.events(run);
  const ledger = await wholeLedger(parts);
  const living = parts.hosts.flatMap(({ sshd }) =>
    livingExecutions(sshd.home).map(({ execution }) => execution),
  );
  broken.push(...brokenPromises({ run, events, ledger, living }));
  broken.push(...people.unanswered.map((press) => `unanswered: ${press}`));
  broken.push(...(await wrongCards(parts, title)));
  return {
    seed: game.seed,
    run,
    made: [...playing.made],
    executions: ledger.filter(({ is }) => is === 'start').length,
    seconds: Math.round((performance.now() - begunMs) / 1000),
    broken,
  };
}

/** Until the run is rolled back. Answers why it is not, where it stands for too long. */
async function there(playing: Playing, run: string): Promise<string[]> {
  const { parts, people } = playing;
  const end = performance.now() + atMostMs;
  let moved = { version: 0, atMs: performance.now() };
  for (;;) {
    const state = await parts.store.load(run).catch(() => undefined);
    if (state?.ended !== undefined && state.ended.outcome !== 'succeeded')
      return state.ended.outcome === 'rolledBack' ? [] : [`stuck: it ended ${state.ended.outcome}`];
    if (state !== undefined && state.version !== moved.version)
      moved = { version: state.version, atMs: performance.now() };
    if (performance.now() - moved.atMs > standsForMs || performance.now() > end)
      return [`stuck: ${standing(state)}`];
    const due = await dueNow(playing, state);
    if (due !== undefined) await inject(playing, due);
    else if (state !== undefined) {
      const gate = await people.act(state, await wholeLedger(parts));
      const before = playing.game.injections.find(
        (one) => one.phase === 'before start' && stepName(one.step) === gate,
      );
      if (before !== undefined && !playing.made.has(before)) await inject(playing, before);
    }
    await sleep(200);
  }
}

const standing = (state: Run | undefined): string =>
  state === undefined
    ? 'no log'
    : JSON.stringify(
        {
          ended: state.ended,
          paused: state.paused,
          recalling: state.recalling,
          apply: state.apply,
          undo: state.undo,
        },
        (key, value) =>
          ['commands', 'before', 'changes', 'tail'].includes(key) ? undefined : value,
      );

/**
 * Whether the log and the hosts both know what happened: until hosts were asked after each time that Redis went back, they
 * are the only witness of what it lost.
 */
async function areBothWitnesses({ parts, made }: Playing, state: Run): Promise<boolean> {
  const wentBack = [...made].filter(({ fault }) => fault === 'Redis back in time').length;
  if (wentBack === 0) return true;
  const restarts = (await parts.store.events(state.id)).filter(
    ({ type }) => type === 'StoreRestarted',
  );
  return restarts.length >= wentBack && state.recalling === undefined;
}

/** The first fault whose moment is now. A host forgets nothing while it is the only witness. */
async function dueNow(playing: Playing, state: Run | undefined): Promise<Injection | undefined> {
  const { game, parts, made } = playing;
  for (const one of game.injections) {
    if (made.has(one) || one.phase === 'before start') continue;
    if (one.phase === 'gate') {
      const gate = state === undefined ? undefined : openGate(state)?.step.id;
      const isAsked = state?.gates[gate ?? '']?.requestedAt !== undefined;
      if (isAsked && gate === stepName(one.step)) return one;
    } else if ((await heldExecution(parts, one)) !== undefined) {
      const forgets = one.fault === 'host restored';
      if (!forgets || (state !== undefined && (await areBothWitnesses(playing, state)))) return one;
    }
  }
  return undefined;
}

const directionOf = ({ phase }: Injection): 'apply' | 'undo' =>
  phase === 'rollback' ? 'undo' : 'apply';

/** The execution that waits for the fault on its host. */
async function heldExecution(parts: ChaosParts, one: Injection): Promise<string | undefined> {
  const host = hostOf(parts, one);
  const ledger = await readLedger(host.ledgerDir);
  return ledger.find(
    ({ is, execution }) =>
      is === 'start' &&
      execution.includes(`.${stepName(one.step)}.${host.name}.${directionOf(one)}`),
  )?.execution;
}

async function inject({ parts, people, made, next }: Playing, one: Injection): Promise<void> {
  made.add(one);
  const host = hostOf(parts, one);
  const { proxy } = host.sshd;
  const hold = join(host.ledgerDir, holdOf(one));
  const release = () => rm(hold, { force: true });
  const place = { parts, host, next, release, pressLate: people.pressLate };
  if (one.phase !== 'ended unread') {
    await makeFault[one.fault](place);
    await release();
    return;
  }
  const execution = await heldExecution(parts, one);
  proxy.stall();
  await release();
  const isOver = (line: LedgerLine): boolean => line.is === 'end' && line.execution === execution;
  const until = performance.now() + 10_000;
  while (!(await readLedger(host.ledgerDir)).some(isOver) && performance.now() < until)
    await sleep(50);
  await makeFault[one.fault](place);
  proxy.resume();
}

const hostOf = ({ hosts }: ChaosParts, { host }: Injection): ChaosHost => {
  const found = hosts[host % hosts.length];
  if (found === undefined) throw new Error('no hosts');
  return found;
};

const stepName = (step: number): string => `s${step + 1}`;
const holdOf = (one: Injection): string => `hold.${directionOf(one)}.${stepName(one.step)}`;

async function prepareHosts(parts: ChaosParts, { injections, steps }: ChaosGame): Promise<void> {
  for (const host of parts.hosts) {
    // What a seed left that never began holds no step of this one.
    await rm(host.ledgerDir, { recursive: true, force: true });
    await mkdir(host.ledgerDir);
    await takeHostSnapshot(host);
  }
  for (const one of injections)
    if (one.phase !== 'gate' && one.phase !== 'before start')
      await writeFile(join(hostOf(parts, one).ledgerDir, holdOf(one)), '');
  const [first] = parts.hosts;
  if (first !== undefined)
    await writeFile(join(first.ledgerDir, `fail.apply.${stepName(steps - 1)}`), '');
}

const wholeLedger = async ({ hosts }: ChaosParts): Promise<LedgerLine[]> =>
  (await Promise.all(hosts.map(({ ledgerDir }) => readLedger(ledgerDir)))).flat();

/** Where nothing is played a step is done on one host. */
function runbookOf({ hosts }: ChaosParts, { injections, steps }: ChaosGame, title: string): object {
  return {
    title,
    steps: Array.from({ length: steps }, (_, index) => ({
      id: stepName(index),
      title: `Step ${index + 1}`,
      kind: 'command',
      on: injections.some(({ step }) => step === index) ? 'all' : (hosts[0]?.name ?? 'all'),
      ...(index === 6 ? { approval: true } : {}),
      params: {
        run: ledgerCommand(`apply.${stepName(index)}`, 0.3),
        undo: [ledgerCommand(`undo.${stepName(index)}`, 0.1)],
      },
    })),
  };
}

/** One card, that says in the end how the run ended. */
async function wrongCards({ workspace }: ChaosParts, title: string): Promise<string[]> {
  const heading = `${title} · ${chaosCloud}:`;
  const until = performance.now() + 60_000;
  for (;;) {
    const cards = (await workspace.control.messages()).filter(
      ({ text, thread_ts, ephemeral_to, ts }) =>
        text.startsWith(heading) &&
        ephemeral_to === undefined &&
        (thread_ts === undefined || thread_ts === ts),
    );
    const isRight = cards.length === 1 && /rolled back/i.test(cards[0]?.text ?? '');
    if (isRight) return [];
    if (cards.length > 1) return [`duplicate cards: ${cards.map(({ ts }) => ts).join(', ')}`];
    if (performance.now() > until) return [`card: ${cards[0]?.text ?? 'there is none'}`];
    await sleep(200);
  }
}
