import { chmodSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Command, toShell } from '../handlers/contract/command.ts';
import { handlerOf } from '../jobs/run/plan.ts';
import { ledgerLines, stepId, wrongInLedger } from './ledger.ts';
import { type StandInHosts, ownFolder } from './stand-in-hosts.ts';

/** What a run of the bench does: as steps of a runbook, and as lines for raw ssh2 that run the same commands. */
export interface BenchWork {
  readonly steps: readonly BenchStep[];
  readonly lines: readonly string[];
  /** What is wrong with what the steps left: each did its work once on each host, in order. */
  readonly wrong: () => string | undefined;
}

export interface BenchStep {
  readonly id: string;
  readonly kind: string;
  readonly params: unknown;
}

export const workKinds = ['command', 'file', 'package'] as const;
export type WorkKind = (typeof workKinds)[number];

interface Making {
  readonly hosts: Pick<StandInHosts, 'addresses' | 'dir'>;
  readonly steps: number;
  /** Other than in any run before. */
  readonly nth: number;
}

const ids = (count: number): string[] => Array.from({ length: count }, (_, index) => stepId(index));

export const newWork = (kind: WorkKind, making: Making): BenchWork => makers[kind](making);

const makers: Readonly<Record<WorkKind, (making: Making) => BenchWork>> = {
  /** Each step writes into the ledger that it was there. */
  command: (making) => {
    const ledger = newLedger(making);
    const lines = ledgerLines(ledger, making.steps);
    return { steps: commandSteps(lines), lines, wrong: wrongIn(making, () => textOf(ledger)) };
  },
  /** Each step writes a file anew that every host has for itself. */
  file: (making) => {
    const content = `of run ${making.nth}\n`;
    const path = join(ownFolder(making.hosts.dir), 'step-');
    const steps = ids(making.steps).map((id) => ({
      id,
      kind: 'file',
      params: { path: `${path}${id}`, content },
    }));
    return {
      steps,
      lines: steps.map(sameCommands),
      wrong: wrongIn(making, () => ledgerOfFiles(making, content)),
    };
  },
  /** Each step brings a package of its own to another version. */
  package: (making) => {
    const ledger = newLedger(making);
    const version = `1.${making.nth}`;
    writeFileSync(join(making.hosts.dir, 'offered'), `${version}\n`);
    const steps = ids(making.steps).map((id) => ({
      id,
      kind: 'package',
      params: { install: [`${id}=${version}`] },
    }));
    return {
      steps,
      lines: steps.map(sameCommands),
      wrong: wrongIn(making, () => textOf(ledger)),
    };
  },
};

/** Steps of kind `command` for lines of shell. */
export const commandSteps = (lines: readonly string[]): BenchStep[] =>
  lines.map((line, index) => ({
    id: stepId(index),
    kind: 'command',
    params: { run: ['sh', '-c', line], undo: [] },
  }));

/** All that a step runs, as one line of shell: it looks, does, and looks again. */
function sameCommands(step: BenchStep): string {
  const { probe, apply } = handlerOf(step);
  return [...probe, ...apply, ...probe].map(lineOf).join(' && ');
}

const lineOf = ({ words, stdin }: Command): string =>
  stdin === undefined
    ? `${toShell(words)} </dev/null`
    : `printf %s ${toShell([stdin])} | ${toShell(words)}`;

function newLedger({ hosts: { dir } }: Making): string {
  const path = join(dir, 'ledger');
  writeFileSync(path, '');
  chmodSync(path, 0o666);
  return path;
}

const textOf = (path: string): string => readFileSync(path, 'utf8');

const wrongIn =
  ({ hosts, steps }: Making, ledger: () => string) =>
  (): string | undefined =>
    wrongInLedger(ledger(), { hosts: hosts.addresses, steps });

/** The files of this run on each host, as lines of a ledger in the order in which they were written. */
function ledgerOfFiles({ hosts }: Making, content: string): string {
  return hosts.addresses
    .flatMap((address) => {
      const folder = join(hosts.dir, address, 'own');
      const names = readdirSync(folder).filter((name) => textOf(join(folder, name)) === content);
      const writtenNs = (name: string): bigint =>
        statSync(join(folder, name), { bigint: true }).mtimeNs;
      return names
        .toSorted((a, b) => (writtenNs(a) < writtenNs(b) ? -1 : 1))
        .map((name) => `- - ${address} - ${name.replace('step-', '')}\n`);
    })
    .join('');
}
