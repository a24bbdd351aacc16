import { fewNames } from '../../../../handlers/words/counts.ts';
import { databaseName, databasesOf } from '../../../cloud/databases.ts';
import * as commands from '../../commands.ts';
import {
  ReleaseName,
  compareReleases,
  newestRelease,
  releaseNames,
  releaseNameTitle,
} from '../../../knowledge/releases.ts';
import type { InspectionCheck, CheckContext, CheckAnswer } from '../check.ts';
import type { Finding } from '../../finding.ts';

/** Nova's own rows: who reports, with which version, and which cells there are. */
export const novaServicesCheck: InspectionCheck = {
  id: 'nova-services',
  ask: (subject) => {
    const { services, chosen } = subject;
    const nova = chosen.find(({ known }) => known.name === 'nova');
    const [host] = services.database.on;
    if (nova === undefined || host === undefined) return [];
    const ask = (about: string, database: string, sql: string) => ({
      host,
      about,
      commands: [
        commands.sqlQueryCommand(
          services.database.defaultsFile,
          databaseName(subject, database),
          sql,
        ),
      ],
    });
    return [
      ask('services', 'nova', serviceRows),
      ...(databasesOf(subject).some(({ database }) => database === 'nova_api')
        ? [ask('cells', 'nova_api', cellRows)]
        : []),
    ];
  },
  read: (said, context) => {
    const rows = tableOf(said.find(({ about }) => about === 'services')).map(
      ([host = '', binary = '', version = '', age = '', isForcedDown = '']) => ({
        host,
        binary,
        version: Number(version),
        age: Number(age),
        isForcedDown: isForcedDown === '1',
      }),
    );
    const computes = rows.filter(
      ({ binary, isForcedDown }) => binary === 'nova-compute' && !isForcedDown,
    );
    const versions = computes.map(({ version }) => version).filter(Number.isFinite);
    const computeVersion = versions.length === 0 ? undefined : Math.min(...versions);
    return {
      findings: [
        ...silent(rows),
        ...(computeVersion === undefined ? [] : floor(computeVersion, context)),
        ...cells(
          said.find(({ about }) => about === 'cells'),
          context,
        ),
      ],
      ...(computeVersion !== undefined && { facts: { computeVersion } }),
    };
  },
};

// A report every 10 s, down after 60: nova's defaults (nova@stable/2026.1:nova/conf/service.py).
const downAfter = 60;

const serviceRows = `SELECT host, \`binary\`, version,
  TIMESTAMPDIFF(SECOND, COALESCE(last_seen_up, updated_at, created_at), UTC_TIMESTAMP()), forced_down
  FROM services WHERE deleted = 0 ORDER BY host, \`binary\``;

const cellRows = 'SELECT uuid, name, disabled FROM cell_mappings ORDER BY id';
const cell0 = '00000000-0000-0000-0000-000000000000';

const tableOf = (said: CheckAnswer | undefined): string[][] => {
  const [out] = said?.outputs ?? [];
  return out?.exit === 0
    ? out.stdout
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => line.split('\t'))
    : [];
};

interface Row {
  readonly host: string;
  readonly binary: string;
  readonly age: number;
}

function silent(rows: readonly Row[]): Finding[] {
  const down = rows.filter(
    ({ age, binary }) =>
      age > downAfter && binary !== 'nova-osapi_compute' && binary !== 'nova-metadata',
  );
  if (down.length === 0) return [];
  const names = down.map(({ binary, host, age }) => `${binary} on ${host} (${since(age)})`);
  return [
    {
      level: 'warn',
      what: `nova has rows of services that do not report: ${fewNames(names, 6)}`,
      hint: 'Start them, or delete the rows of hosts that are gone: an old row keeps new services from starting and messages at an old version.',
      source: 'nova@stable/2026.1:nova/objects/service.py',
    },
  ];
}

const since = (seconds: number): string =>
  seconds < 7200
    ? `${Math.round(seconds / 60)} min`
    : seconds < 172_800
      ? `${Math.round(seconds / 3600)} h`
      : `${Math.round(seconds / 86_400)} days`;

/** The first later release whose services refuse to start beside this compute. */
function floor(version: number, { knowledge, series }: CheckContext): Finding[] {
  const { versions, floors, workaround } = knowledge.floors.compute;
  const now = newestRelease(series);
  const names = Object.entries(versions).flatMap(([name, one]) =>
    one === version ? [releaseNameTitle(ReleaseName.parse(name))] : [],
  );
  const oldest = `the oldest nova-compute reports service version ${version}${names.length === 0 ? '' : ` (${names.join(' or ')})`}`;
  const refusing = releaseNames.flatMap((name) => {
    const known = floors[name];
    const isLater = now === undefined || compareReleases(name, now) > 0;
    return known !== undefined && isLater && known.version > version ? [{ name, ...known }] : [];
  });
  const [first] = refusing;
  if (first === undefined) return [{ level: 'note', what: oldest }];
  const high = Math.max(...refusing.map((one) => one.version));
  const last = refusing.find((one) => one.version === high) ?? first;
  const more =
    high === first.version ? '' : `, and ${last.version} from ${releaseNameTitle(last.name)} on`;
  return [
    {
      level: 'warn',
      into: first.name,
      what: `the compute floor: ${oldest}, and nova from ${releaseNameTitle(first.name)} on wants ${first.version} at least (${version} < ${first.version})${more}`,
      hint: `Go there release by release, computes each time. A straight jump needs [${workaround.section}] ${workaround.option}, or API, conductor, scheduler and compute refuse to start.`,
      source: first.source,
    },
  ];
}

/** Every nova has had cells from Ocata on. */
function cells(said: CheckAnswer | undefined, { series }: CheckContext): Finding[] {
  if (said?.outputs[0]?.exit !== 0) return [];
  if (!series.some((one) => compareReleases(one, 'ocata') >= 0)) return [];
  const rows = tableOf(said);
  const hasCell0 = rows.some(([uuid]) => uuid === cell0);
  const others = rows.filter(([uuid]) => uuid !== cell0);
  if (hasCell0 && others.length > 0) return [];
  return [
    {
      level: 'bad',
      what: hasCell0
        ? 'nova has no cell besides cell0, so no compute is in any'
        : 'nova has no mapping of cell0: its schema sync would leave cell0 behind and still end well',
      hint: 'Run nova-manage cell_v2 map_cell0, create_cell and discover_hosts first.',
      source: 'nova@stable/2026.1:nova/cmd/manage.py',
    },
  ];
}
