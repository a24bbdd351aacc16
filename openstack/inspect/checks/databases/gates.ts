import * as commands from '../../commands.ts';
import { databaseName, databasesOf } from '../../../cloud/databases.ts';
import type { KnownGate } from '../../../knowledge/rule-schemas.ts';
import {
  compareReleases,
  newestRelease,
  type ReleaseName,
  releaseNameTitle,
} from '../../../knowledge/releases.ts';
import { checkAbout, type CheckContext } from '../check.ts';
import type { Finding } from '../../finding.ts';
import type { InspectionSubject } from '../../subject.ts';

/** What a later release would refuse partway, counted before anything is touched. */
export const gatesCheck = checkAbout<string>({
  id: 'gates',
  ask: (subject) => {
    const { services } = subject;
    const [host] = services.database.on;
    if (host === undefined) return [];
    return countable(subject).map(({ id, rows: { database, query } }) => ({
      host,
      about: id,
      commands: [
        commands.sqlQueryCommand(
          services.database.defaultsFile,
          databaseName(subject, database),
          query,
        ),
      ],
    }));
  },
  read: (said, context) => {
    const counts = said.flatMap(({ about, outputs: [out] }) => {
      // A table that a release does not have, or not yet, holds no rows that are in the way.
      const rows = out?.exit === 0 ? Number(out.stdout.trim() || Number.NaN) : Number.NaN;
      return Number.isInteger(rows) ? [{ about, rows }] : [];
    });
    return {
      findings: countable(context).flatMap((gate) => {
        const rows = counts.find(({ about }) => about === gate.id)?.rows ?? 0;
        return rows > 0 && isAhead(gate, context) ? [finding(gate, rows)] : [];
      }),
      facts: { blocked: Object.fromEntries(counts.map(({ about, rows }) => [about, rows])) },
    };
  },
});

type Countable = KnownGate & { readonly rows: NonNullable<KnownGate['rows']> };

/** Gates of services and databases that the cloud has; the floor of computes is looked at by itself. */
function countable(subject: InspectionSubject): Countable[] {
  const there = databasesOf(subject).map(({ database }) => database);
  return subject.knowledge.gates.filter(
    (gate): gate is Countable =>
      gate.rows !== undefined &&
      !gate.rows.query.includes('$floor') &&
      there.includes(gate.rows.database) &&
      subject.chosen.some(({ known }) => known.name === gate.service),
  );
}

/** Before the releases that are upgraded host by host, what blocks is known with the states of schemas. */
function isAhead({ hops }: KnownGate, { series, knowledge }: CheckContext): boolean {
  const now = newestRelease(series);
  if (now === undefined) return true;
  const first = knowledge.ways.find(({ way }) => way === 'hosts');
  if (first !== undefined && compareReleases(now, first.since) < 0) return false;
  if (Array.isArray(hops)) return hops.some(([from]) => compareReleases(from, now) >= 0);
  if ('into' in hops) return compareReleases(hops.into, now) > 0;
  return hops.until === undefined || compareReleases(hops.until, now) > 0;
}

/** The release of the first hop that it stands before. */
function releaseAfter(hops: KnownGate['hops']): ReleaseName | undefined {
  if (Array.isArray(hops)) return hops.map(([, to]) => to).toSorted(compareReleases)[0];
  return 'into' in hops ? hops.into : hops.since;
}

function finding(
  { title, rows: { what }, level, before, hops, source }: Countable,
  rows: number,
): Finding {
  const into = releaseAfter(hops);
  return {
    level: level === 'stops' ? 'bad' : 'warn',
    ...(into !== undefined && { into }),
    what: `${title}${'into' in hops ? `, which ${releaseNameTitle(hops.into)} refuses` : ''}: ${rows} ${what}`,
    hint: before,
    source,
  };
}
