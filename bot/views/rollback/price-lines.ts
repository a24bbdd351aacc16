import type { LostThings, MoreLost } from '../../../jobs/run/rollback/lost-things.ts';
import type { RollbackPrice } from '../../../jobs/run/rollback/rollback-price.ts';
import {
  type DateStyle,
  countText,
  durationBetween,
  durationText,
  fewNames,
  timeText,
} from '../text.ts';

/** What a rollback is asked about: the cloud and where it would be afterwards. Plain text. */
export const priceTitle = (cloud: string, { release }: Pick<RollbackPrice, 'release'>): string =>
  `Roll back ${cloud}${release === undefined ? '' : ` to ${release}`}?`;

export interface PriceLook {
  readonly now: string;
  /** Counted in the databases; absent where they were not asked. */
  readonly lost?: readonly LostThings[] | 'not counted' | 'being counted' | undefined;
  /** When it was counted, if not right now; ISO 8601. */
  readonly countedAt?: string | undefined;
  /** How long going back takes; absent where too little is known. */
  readonly takesMs?: number | undefined;
}

/** The price of a rollback, dearest first. Plain text, not escaped; times are ISO 8601. */
export function priceLines(
  price: RollbackPrice,
  { now, lost, countedAt, takesMs }: PriceLook,
): string[] {
  const { databases, lostSince, byPerson, stays, steps, hosts, down } = price;
  const names = (lostAt: string): string =>
    fewNames([
      ...new Set(databases.flatMap((backup) => (backup.at === lostAt ? backup.names : []))),
    ]);
  const takes = takesMs === undefined ? '' : `, about ${durationText(takesMs)}`;
  const moments = [...new Set(databases.map(({ at }) => at))];
  return [
    ...moments.map((at) => `${names(at)} go back to the backup of ${at}`),
    lostSince === undefined
      ? 'No database goes back, so nothing that was written is lost'
      : `LOST: everything written since, ${durationBetween(lostSince, now)}${counted(lost, countedAt)}`,
    ...(stays.length === 0 ? [] : [`Stays as it is: ${fewNames(stays.map(({ title }) => title))}`]),
    `Restored whole by a person: ${byPerson.length === 0 ? 'no host' : fewNames(byPerson)}`,
    `${countText(steps, 'step')} on ${countText(hosts.length, 'host')}, last to first${takes}${down.length === 0 ? '' : `; ${countText(down.length, 'unit')} stopped until then`}`,
  ];
}

function counted(lost: PriceLook['lost'], at: string | undefined): string {
  if (lost === undefined) return '';
  if (lost === 'being counted') return ' (what was made or deleted is being counted)';
  if (lost === 'not counted') return ' (not counted: the databases did not tell)';
  const when = at === undefined ? '' : `; counted ${at}`;
  const parts = lost.flatMap(({ what, made, deleted = 0 }) => [
    ...(made > 0 ? [`${countOf(made, what)} made`] : []),
    ...(deleted > 0 ? [`${countOf(deleted, what)} deleted`] : []),
  ]);
  return parts.length === 0
    ? ` (no ${fewNames(lost.map(({ what }) => what.slice(0, -1)))} made or deleted, as far as the databases tell${when})`
    : ` (${parts.join(', ')}${when})`;
}

const countOf = (count: number, what: LostThings['what']): string =>
  countText(count, what.slice(0, -1));

/** What is lost beyond what was known: `2 more servers made, 1 more user made`. Plain text. */
export const moreLostText = (more: readonly MoreLost[]): string =>
  more.map(({ what, how, more: count }) => `${moreOf(count, what)} ${how}`).join(', ');

const moreOf = (count: number, what: LostThings['what']): string =>
  countText(count, `more ${what.slice(0, -1)}`);

/** Who has to agree, in a sentence. Plain text. */
export const demandLine = ({ demand: { people } }: Pick<RollbackPrice, 'demand'>): string =>
  people === 1
    ? 'One engineer decides'
    : 'A schema or a host has moved, so a second person confirms before anything is undone';

/** The times in a line as people read them where Slack draws no dates. */
export const withPlainTimes = (line: string, dates: DateStyle = 'plain', now?: string): string =>
  line.replaceAll(/\b\d{4}-\d\d-\d\dT[\d:.]+Z/g, (at) => timeText(at, dates, now));
