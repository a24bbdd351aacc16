import { hostsOf } from '../runbook.ts';
import {
  type Context,
  databaseName,
  type Draft,
  grouped,
  hostsOfPart,
  type Moving,
  titled,
} from './plan-context.ts';
import { cellDatabases, cellsOf } from './plan-tiers.ts';
import { syncSteps } from './plan-service.ts';
import { isOn, unitNames, unitsOf } from './plan-units.ts';

const novaOf = (all: readonly Moving[]): Moving | undefined =>
  all.find(({ known }) => known.name === 'nova');

/** Lets old and new computes understand each other while both are there. nova reads it when it starts. */
export function pinSteps(context: Context, all: readonly Moving[]): Draft[] {
  const nova = novaOf(all);
  if (nova === undefined) return [];
  return [
    {
      id: `${nova.hop.to}-nova-pin`,
      title: titled(nova.hop, 'let nova speak so that computes of both releases understand it'),
      kind: 'nova-pin',
      on: novaHosts(context, nova),
      params: {
        paths: novaFiles(nova),
        level: 'auto',
        units: [],
        manager: context.manager,
      },
      service: 'nova',
    },
  ];
}

/** Takes the pin away once all computes report the new release; a restart alone makes nova ask again. */
export function unpinSteps(context: Context, all: readonly Moving[]): Draft[] {
  const nova = novaOf(all);
  if (nova === undefined) return [];
  const units = unitsOf(context, all, 'after').filter(({ moving }) => moving === nova);
  return grouped(novaHosts(context, nova), (host) => unitNames(units, host)).map(
    ({ hosts, value }) => ({
      id: `${nova.hop.to}-nova-unpin`,
      title: titled(nova.hop, 'let nova speak its new release, and restart it'),
      kind: 'nova-pin',
      on: hosts,
      params: {
        paths: novaFiles(nova),
        level: 'off',
        units: value,
        manager: context.manager,
      },
      batch: 1,
      service: 'nova',
    }),
  );
}

/** The schemas of further cells, each synced on the first of its own hosts. */
export function cellSyncSteps(context: Context, moving: Moving): Draft[] {
  if (moving.known.name !== 'nova') return [];
  const main = syncSteps(context, moving).find(
    ({ params }) => params['database'] === databaseName(context, 'nova'),
  );
  if (main === undefined) return [];
  const { also: _also, run, ...params } = main.params;
  return cellsOf(context).map(({ name, database, host }) => ({
    ...main,
    id: `${moving.hop.to}-${name}-schema`,
    title: titled(moving.hop, `run nova-manage db sync for cell ${name}`),
    on: [host],
    params: { ...params, database, run: [...wordsOf(run), '--local_cell'] },
  }));
}

const wordsOf = (run: unknown): unknown[] => (Array.isArray(run) ? (run as unknown[]) : []);

/** Sees that the computes of these hosts are up with their new number, by what they write themselves. */
export function reportedSteps(
  context: Context,
  all: readonly Moving[],
  hosts: readonly string[],
): Draft[] {
  const nova = novaOf(all);
  const units =
    nova === undefined
      ? []
      : unitsOf(context, all, 'after').filter(
          (unit) => unit.name === 'nova-compute' && isOn(unit, hosts),
        );
  if (nova === undefined || units.length === 0) return [];
  const on = hosts.filter((host) => units.some((unit) => isOn(unit, [host])));
  const names = on.map((host) => nova.here.names[host] ?? host);
  const version = context.knowledge.floors.compute.versions[nova.hop.to];
  const { database } = context.services;
  const databases = [databaseName(context, 'nova'), ...cellDatabases(context)];
  const query = reported(names, version);
  return [
    {
      id: `${nova.hop.to}-computes-reported`,
      title: titled(
        nova.hop,
        `see that nova-compute is up${version === undefined ? '' : ` and says ${version}`}`,
      ),
      kind: 'check',
      on: hostsOf(context.cloud, database.on).slice(0, 1),
      params: {
        command: {
          run: [
            'sh',
            '-c',
            count,
            'sh',
            database.defaultsFile,
            String(names.length),
            query,
            ...databases,
          ],
        },
        retries: 60,
        every: 3,
      },
      service: 'nova',
    },
  ];
}

const reported = (names: readonly string[], version: number | undefined): string =>
  [
    "SELECT COUNT(*) FROM services WHERE `binary` = 'nova-compute' AND deleted = 0",
    `AND host IN (${names.map((name) => `'${name}'`).join(', ')})`,
    ...(version === undefined ? [] : [`AND version >= ${version}`]),
    'AND last_seen_up > UTC_TIMESTAMP() - INTERVAL 60 SECOND',
  ].join(' ');

// Each compute writes into the database of its own cell.
const count = `file=$1 wanted=$2 query=$3; shift 3
all=0
for database; do
  found=$(mysql "--defaults-extra-file=$file" --batch --skip-column-names --execute "$query" "$database") || exit 2
  all=$((all + found))
done
echo "$all of $wanted nova-compute services are up with the new release"
[ "$all" -ge "$wanted" ]`;

const novaHosts = (context: Context, nova: Moving): string[] => {
  const on = new Set(
    Object.keys(nova.here.parts).flatMap((part) => hostsOfPart(context, nova, part)),
  );
  return Object.keys(context.cloud.hosts).filter((host) => on.has(host));
};

/** The file that services of nova read, as its releases place it. */
const novaFiles = ({ after }: Moving): string[] => {
  const paths = after.config.map(({ path }) => path).filter((path) => path.endsWith('/nova.conf'));
  return [...new Set(paths.length === 0 ? ['/etc/nova/nova.conf'] : paths)];
};
