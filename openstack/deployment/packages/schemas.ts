import { commandName } from '../../../handlers/contract/command.ts';
import { schemaEnds } from '../../knowledge/schemas.ts';
import type { PlanContext, PlannedService } from '../../plan/context.ts';
import type { StepDraft } from '../../plan/step-drafts.ts';

/**
 * One consistent dump of all databases of these services. A hop's dumps need labels of their own: by its label a rollback
 * finds the dump that belongs to a step.
 */
export function backupSteps(
  context: PlanContext,
  all: readonly PlannedService[],
  label: string | undefined = all[0]?.hop.from,
): StepDraft[] {
  const { on, defaultsFile, backups } = context.services.database;
  const hosts = on.slice(0, 1);
  const [moving] = all;
  const databases = all.flatMap((one) =>
    one.syncs.flatMap(({ database, also = [] }) => [
      ...[database, ...also].map((name) => calledHere(one, name)),
      ...(database === 'nova' ? context.cells.map((cell) => cell.database) : []),
    ]),
  );
  if (moving === undefined || databases.length === 0) return [];
  return [
    {
      id: 'backup',
      title: `back up ${databases.join(', ')} (and prove it by a restore)`,
      kind: 'database-backup',
      purpose: 'back-up',
      on: hosts,
      params: {
        defaultsFile,
        databases,
        directory: backups,
        label,
        scratchPrefix: 'hopscotch_check_',
      },
    },
  ];
}

const calledHere = ({ here }: PlannedService, database: string): string =>
  here.databases[database] ?? database;

/** The schema syncs of a service, each once, and those of nova's further cells. */
export function schemaSteps(context: PlanContext, moving: PlannedService): StepDraft[] {
  const own = syncSteps(context, moving);
  return [...own, ...cellSyncSteps(context, moving, own)];
}

function syncSteps(context: PlanContext, moving: PlannedService): StepDraft[] {
  const { known, hop } = moving;
  const hosts = moving.mainHosts.slice(0, 1);
  const { log } = moving.after;
  return moving.syncs.map(({ database, run, user, also = [] }) => ({
    id: `${database}-schema`,
    title: commandName(run),
    kind: 'schema-sync',
    purpose: 'sync-schema',
    on: hosts,
    params: {
      defaultsFile: context.services.database.defaultsFile,
      service: known.name,
      database: calledHere(moving, database),
      run,
      user,
      series: hop.to,
      ...revisions(context, moving, database),
      ...alsoOf(context, moving, also),
      ...(log !== undefined && { log }),
      blocking: blocking(context, moving, database),
    },
    service: known.name,
  }));
}

function revisions({ knowledge }: PlanContext, { hop }: PlannedService, database: string) {
  const heads = knowledge.heads[database]?.heads;
  const [before, after] = [heads?.[hop.from] ?? { heads: [] }, heads?.[hop.to] ?? { heads: [] }];
  const [from, [to = [], ...or]] = [schemaEnds(before), schemaEnds(after)];
  const [first, last] = [numberOf(from), numberOf([to, ...or])];
  const counts = first !== undefined && last !== undefined && last - first > 1;
  return {
    from,
    ...(counts && { resume: { from: first + 1, to: last - 1 } }),
    to,
    ...(or.length > 0 && { or }),
  };
}

/** Of ends that are counted; a sync may be stopped between two of them. */
const numberOf = (ends: readonly (readonly string[])[]): number | undefined =>
  ends.flat().map(Number).find(Number.isInteger);

/** Further databases that one command leads along. */
function alsoOf(context: PlanContext, moving: PlannedService, also: readonly string[]) {
  if (also.length === 0) return {};
  return {
    also: also.map((database) => {
      const { resume: _resume, ...ends } = revisions(context, moving, database);
      return { database: calledHere(moving, database), ...ends };
    }),
  };
}

function blocking(context: PlanContext, moving: PlannedService, database: string) {
  return moving.rules.gates.flatMap((id) => {
    const template = context.knowledge.steps[id];
    const remaining = template?.params['remaining'];
    if (template === undefined || !isRemaining(remaining)) return [];
    if (remaining.database !== `$database.${database}`) return [];
    const { query, what } = remaining;
    return [{ database: calledHere(moving, database), query, what, missing: template.title }];
  });
}

const isRemaining = (
  value: unknown,
): value is { readonly database: string; readonly query: string; readonly what: string } =>
  typeof value === 'object' &&
  value !== null &&
  'database' in value &&
  'query' in value &&
  'what' in value;

/** The schemas of further cells, each synced on the first of its own hosts. */
function cellSyncSteps(
  context: PlanContext,
  moving: PlannedService,
  own: readonly StepDraft[],
): StepDraft[] {
  const main = own.find(({ params }) => params['database'] === calledHere(moving, 'nova'));
  if (moving.known.name !== 'nova' || main === undefined) return [];
  const { also: _also, run, ...params } = main.params;
  return context.cells.map(({ name, database, host }) => ({
    ...main,
    id: `${name}-schema`,
    title: `nova-manage db sync in ${name}`,
    on: [host],
    params: { ...params, database, run: [...wordsOf(run), '--local_cell'] },
  }));
}

const wordsOf = (run: unknown): unknown[] => (Array.isArray(run) ? (run as unknown[]) : []);

/**
 * Finishes what a release moves while its services run. Before the hop they are still there and read both forms; after
 * it, the dump of the hop is the rollback.
 */
export const dataMigrationSteps = (
  context: PlanContext,
  all: readonly PlannedService[],
  when: 'before' | 'after',
): StepDraft[] =>
  all.flatMap((moving) => {
    const data = moving[when].dataMigration;
    if (data === undefined) return [];
    const { known, hop } = moving;
    const log = moving[when].log;
    const draft: Omit<StepDraft, 'on'> = {
      id: `${known.name}-data-${when}`,
      title: `${known.title} online data migrations (${hop.titles[when === 'before' ? 'from' : 'to']})`,
      kind: 'data-migration',
      purpose: 'migrate-data',
      params: {
        service: known.name,
        series: when === 'before' ? hop.from : hop.to,
        ...data,
        maxRounds: 10_000,
        ...(log !== undefined && { log }),
        ...(when === 'before' && { putBack: false }),
      },
    };
    return [
      { ...draft, on: moving.mainHosts.slice(0, 1), service: known.name },
      // Each cell has a database of its own, which only its own hosts' files name.
      ...(known.name === 'nova' ? context.cells : []).map(({ name, host }) => ({
        ...draft,
        id: `${draft.id}-${name}`,
        title: `${draft.title} in ${name}`,
        on: [host],
        service: known.name,
      })),
    ];
  });
