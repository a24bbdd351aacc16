import { z } from 'zod';
import { type Command, command } from '../../handlers/contract/command.ts';
import { DefaultsFile } from '../../handlers/databases/mysql.ts';
import { countThingsShell } from '../../handlers/databases/scripts/embedded.ts';
import { within } from '../../jobs/redis/reach/within.ts';
import type { InspectAnswer, InspectRequest } from '../../jobs/redis/inspect-request.ts';
import type { LostThings } from '../../jobs/run/rollback/lost-things.ts';
import type { RollbackPrice } from '../../jobs/run/rollback/rollback-price.ts';
import type { Run } from '../../jobs/run/run.ts';

interface CountedTable {
  readonly what: LostThings['what'];
  /** How names of databases begin that have the table. */
  readonly database: string;
  readonly table: string;
  /** Whether rows stay when the thing is deleted, with the time. */
  readonly keepsDeleted: boolean;
}

/**
 * Times are in UTC (oslo.utils' utcnow). Sources: nova/db/main/models.py (NovaBase and SoftDeleteMixin), cinder's and glance's
 * db/sqlalchemy/models.py (the same mixins); keystone/identity/backends/sql_model.py (`created_at` since Ocata).
 */
const countedTables: readonly CountedTable[] = [
  { what: 'servers', database: 'nova', table: 'instances', keepsDeleted: true },
  { what: 'volumes', database: 'cinder', table: 'volumes', keepsDeleted: true },
  { what: 'images', database: 'glance', table: 'images', keepsDeleted: true },
  { what: 'users', database: 'keystone', table: '`user`', keepsDeleted: false },
];

/** How long a host may take; whoever waits for the price does not wait longer. */
const mostSeconds = 8;

interface Question {
  readonly host: string;
  readonly command: Command;
  readonly asks: readonly { readonly what: LostThings['what']; readonly of: 'made' | 'deleted' }[];
}

/** What is made or deleted since the backups that a rollback restores, as the databases tell; undefined where none does. */
export async function countLostThings(
  run: Run,
  { databases }: Pick<RollbackPrice, 'databases'>,
  look: (id: string, request: InspectRequest) => Promise<InspectAnswer>,
  id: string,
): Promise<readonly LostThings[] | undefined> {
  const questions = databases.flatMap((backup) => questionOf(run, backup));
  const hosts = Object.fromEntries(
    questions.flatMap(({ host, command: one }) => {
      const target = run.plan.targets[host];
      return target === undefined ? [] : [[host, { target, commands: [one] }]];
    }),
  );
  if (Object.keys(hosts).length === 0) return undefined;
  const answer = await within(
    (mostSeconds + 2) * 1000,
    look(id, { become: run.plan.become, hosts }),
  );
  const counts = questions.flatMap((question) => countsOf(question, answer));
  return counts.length === 0 ? undefined : summedUp(counts);
}

const BackupLogin = z.looseObject({ defaultsFile: DefaultsFile });

function questionOf(
  run: Run,
  { step, hosts: [host], names, at }: RollbackPrice['databases'][number],
): Question[] {
  const planned = run.plan.steps.find(({ id }) => id === step);
  const login = BackupLogin.safeParse(planned?.params);
  if (host === undefined || !login.success) return [];
  const since = at.slice(0, 19).replace('T', ' ');
  const asked = countedTables.flatMap(({ what, database, table, keepsDeleted }) =>
    names
      .filter((name) => isOf(name, database))
      .flatMap((name) => [
        { what, of: 'made' as const, words: [name, countSince(table, 'created_at', since)] },
        ...(keepsDeleted
          ? [
              {
                what,
                of: 'deleted' as const,
                words: [name, countSince(table, 'deleted_at', since)],
              },
            ]
          : []),
      ]),
  );
  if (asked.length === 0) return [];
  const words = asked.flatMap((one) => one.words);
  return [
    {
      host,
      command: command([...SHELL, login.data.defaultsFile, ...words]),
      asks: asked.map(({ what, of }) => ({ what, of })),
    },
  ];
}

const SHELL = ['timeout', String(mostSeconds), 'sh', '-c', countThingsShell, 'sh'];

/** `nova` and `nova_cell1` have servers; `nova_api` has none, and those in `nova_cell0` never ran. */
const isOf = (name: string, database: string): boolean =>
  (name === database || name.startsWith(`${database}_`)) && !/_(?:api|cell0)$/.test(name);

const countSince = (table: string, column: string, since: string): string =>
  `SELECT COUNT(*) FROM ${table} WHERE ${column} > '${since}'`;

type Count = Question['asks'][number] & { readonly rows: number };

function countsOf({ host, asks }: Question, answer: InspectAnswer): Count[] {
  const said = answer[host];
  if (said === undefined || !('outputs' in said)) return [];
  const lines = (said.outputs[0]?.stdout ?? '')
    .split('\n')
    .filter((line) => line.startsWith('count\t'));
  return asks.flatMap((ask, index) => {
    const [, rows = ''] = lines[index]?.split('\t') ?? [];
    return rows === '' ? [] : [{ ...ask, rows: Number(rows) }];
  });
}

const sum = (all: readonly number[]): number => all.reduce((total, one) => total + one, 0);

const summedUp = (counts: readonly Count[]): LostThings[] =>
  [...new Set(counts.map(({ what }) => what))].map((what) => {
    const of = (kind: Count['of']): number[] =>
      counts.flatMap((one) => (one.what === what && one.of === kind ? [one.rows] : []));
    const deleted = of('deleted');
    return {
      what,
      made: sum(of('made')),
      ...(deleted.length > 0 && { deleted: sum(deleted) }),
    };
  });
