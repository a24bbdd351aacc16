import { hostsOnCloud } from '../../jobs/files/runbook.ts';
import {
  type PlanContext,
  databaseName,
  type StepDraft,
  hopMark,
  type MovingService,
  hopTitle,
} from './context.ts';
import { furtherCellDatabases } from './tiers.ts';
import { isUnitOn, unitsOf } from '../deployment/packages/units.ts';

/** Sees that the computes of these hosts are up with their new number, by what they write themselves. */
export function reportedSteps(
  context: PlanContext,
  all: readonly MovingService[],
  hosts: readonly string[],
): StepDraft[] {
  const nova = all.find(({ known }) => known.name === 'nova');
  if (nova === undefined) return [];
  const units = unitsOf(context, all, 'after').filter(({ name }) => name === 'nova-compute');
  const on = hosts.filter((host) => units.some((unit) => isUnitOn(unit, [host])));
  if (on.length === 0) return [];
  const names = on.map((host) => nova.here.names[host] ?? host);
  const version = context.knowledge.floors.compute.versions[nova.hop.to] ?? 0;
  const { database } = context.services;
  const databases = [databaseName(context, 'nova'), ...furtherCellDatabases(context)];
  return [
    {
      id: `${hopMark(nova.hop)}-computes-reported`,
      title: hopTitle(
        nova.hop,
        `check that nova-compute is up${version === 0 ? '' : ` and reports service version ${version}`}`,
      ),
      kind: 'check',
      purpose: 'check',
      on: hostsOnCloud(context.cloud, database.on).slice(0, 1),
      params: {
        command: {
          run: [
            'sh',
            '-c',
            count,
            'sh',
            database.defaultsFile,
            String(version),
            databases.join(' '),
            ...names,
          ],
        },
        retries: 60,
        every: 3,
      },
      service: 'nova',
    },
  ];
}

// Each compute writes into the database of its own cell. The script holds no single quotes, so that it reads the same once
// it is quoted.
const count = `file=$1 version=$2 databases=$3; shift 3
client=$(command -v mariadb || command -v mysql) || exit 127
wanted=$# names=$(printf "\\"%s\\"," "$@")
query="SELECT host FROM services WHERE topic = \\"compute\\" AND deleted = 0 AND host IN (\${names%,})
AND version >= $version AND last_seen_up > UTC_TIMESTAMP() - INTERVAL 60 SECOND"
up=$(for database in $databases; do
  "$client" "--defaults-extra-file=$file" --batch --skip-column-names --execute "$query" "$database" || exit 2
done) || exit 2
missing=$(for name; do echo "$up" | grep -qxF "$name" || echo "$name"; done)
[ -z "$missing" ] || { echo "not up with the new release yet:" $missing >&2; exit 1; }
echo "$wanted nova-compute up with version $version or later"`;
