import { z } from 'zod';
import { command, UserName, type Command } from '../contract/command.ts';
import { OperatorError } from '../contract/errors.ts';
import { deedOn, deedOfChecking } from '../contract/deed.ts';
import { defineHandler } from '../contract/handler.ts';
import { DatabaseName, DefaultsFile } from '../databases/mysql.ts';
import { cellsProbeShell } from './scripts/embedded.ts';

const Cell = z.strictObject({
  uuid: z.string(),
  name: z.string(),
  isDisabled: z.boolean(),
  database: z.string(),
  /** "db1:3306 answers", for each host of its database and of its message queue. */
  place: z.string(),
  queue: z.string(),
  /** Empty where its database is not on the server that was asked. */
  computes: z.string(),
  unmapped: z.array(z.string()),
});

const Found = z.strictObject({ cells: z.array(Cell) });
type Found = z.infer<typeof Found>;

export const CellsParams = z.strictObject({
  defaultsFile: DefaultsFile,
  database: DatabaseName.default('nova_api').describe("nova's API database. Default: nova_api."),
  user: UserName.default('nova').describe('The user nova-manage runs as. Default: nova.'),
  mapCell0: z.boolean().default(false).describe('Maps cell0 where it is not. Default: false.'),
  createCell: z
    .string()
    .min(1)
    .optional()
    .describe('Maps the database and message queue of nova.conf as a cell of this name.'),
  discoverHosts: z
    .boolean()
    .default(false)
    .describe('Maps computes that are not mapped. Default: false.'),
});
type Params = z.infer<typeof CellsParams>;

/** nova's own id of the cell for servers that were never scheduled (nova/objects/cell_mapping.py). */
const cell0 = '00000000-0000-0000-0000-000000000000';

/**
 * Looks whether nova's cells are mapped: cell0 and at least one more, whose databases and message queues answer. Mappings that
 * it is asked to make stay on rollback: the release before reads them too.
 */
export const cellsHandler = defineHandler({
  kind: 'cells',
  params: CellsParams,
  before: Found,
  timeoutMs: 30 * 60_000,
  probeTimeoutMs: 5 * 60_000,
  reversibility: () => 'reversible',
  probe: (params) => [look(params, 'data')],
  parse: ([output]) => ({ cells: readCells(output?.stdout ?? '') }),
  isDone: (params, found, before) => {
    const problems = [...problemsOf(found), ...(asked(params) ? missing(params, found) : [])];
    const isFixable = before === undefined && asked(params);
    if (problems.length > 0 && !isFixable) throw notWell(problems);
    if (problems.length > 0) return false;
    return asked(params) || before !== undefined ? true : undefined;
  },
  apply: (params) => [
    ...(params.mapCell0 ? [manage(params, ['map_cell0'])] : []),
    // Exit 2: a cell with the same URLs is mapped already.
    ...(params.createCell === undefined
      ? []
      : [{ ...manage(params, ['create_cell', '--name', params.createCell]), okExits: [0, 2] }]),
    ...(params.discoverHosts ? [manage(params, ['discover_hosts', '--verbose'])] : []),
    look(params, 'people'),
  ],
  undo: () => [],
  isRestored: () => true,
  does: (params) =>
    asked(params)
      ? deedOn("map what is missing of nova's cells", 'data', ["nova's cells"])
      : deedOfChecking("check that nova's cells are mapped and answer"),
  changes: (params, found) =>
    asked(params) ? [...problemsOf(found), ...missing(params, found)].join('\n') : '',
});

const look = ({ defaultsFile, database }: Params, style: 'data' | 'people'): Command =>
  command(['bash', '-c', cellsProbeShell, 'bash', defaultsFile, database, style]);

const manage = ({ user }: Params, words: readonly string[]): Command =>
  command(['nova-manage', 'cell_v2', ...words], { as: user });

const asked = ({ mapCell0, createCell, discoverHosts }: Params): boolean =>
  mapCell0 || createCell !== undefined || discoverHosts;

function readCells(stdout: string): Found['cells'] {
  const lines = stdout.split('\n').map((line) => line.split('\t'));
  return lines.flatMap(
    ([kind, uuid = '', name = '', disabled, database = '', place = '', queue = '', ...rest]) => {
      const [computes = '', unmapped = ''] = rest;
      if (kind !== 'cell') return [];
      const hosts = unmapped.split(' ').filter((host) => host !== '');
      const isDisabled = disabled === '1';
      return [{ uuid, name, isDisabled, database, place, queue, computes, unmapped: hosts }];
    },
  );
}

function problemsOf({ cells: all }: Found): string[] {
  const others = all.filter(({ uuid, isDisabled }) => uuid !== cell0 && !isDisabled);
  return [
    ...(all.some(({ uuid }) => uuid === cell0) ? [] : ['cell0 is not mapped']),
    ...(others.length > 0 ? [] : ['no cell besides cell0 is mapped']),
    ...all
      .filter(({ isDisabled }) => !isDisabled)
      .flatMap(({ name, place, queue }) =>
        [place, queue]
          .flatMap((said) => said.split(', '))
          .filter((said) => said.endsWith('does not answer'))
          .map((said) => `${name}: ${said}`),
      ),
  ];
}

const missing = ({ createCell, discoverHosts }: Params, { cells: all }: Found): string[] => [
  ...(createCell === undefined ||
  all.some(({ name, uuid }) => name === createCell || uuid !== cell0)
    ? []
    : [`there is no cell ${createCell}`]),
  ...(discoverHosts
    ? all.flatMap(({ name, unmapped }) =>
        unmapped.map((host) => `${name}: ${host} is not mapped to it`),
      )
    : []),
];

const notWell = (problems: readonly string[]): OperatorError =>
  new OperatorError(`looking at nova's cells: ${problems.join('; ')}`, {
    name: 'CellsNotWell',
    hint: 'Map what is missing with nova-manage cell_v2 map_cell0, create_cell or discover_hosts, correct URLs with update_cell, and see that what they name answers.',
  });
