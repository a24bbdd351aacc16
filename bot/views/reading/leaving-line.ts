import type { PlanLeaving, RestoredStep } from '../../../jobs/reading/leaving.ts';
import { numbersText, stepsText } from './numbers.ts';

/** How a run can be left once these steps have run. */
export function leavingLine({ restored, earlier, oneWay, earlierOneWay }: PlanLeaving): string {
  const numbers = oneWay.map(({ number }) => number);
  return [
    ...(earlierOneWay.length > 0
      ? [`no further back than ${stepsText(earlierOneWay)}, which ran one-way`]
      : []),
    ...restoredText(restored, earlier),
    ...(numbers.length === 0 ? [] : [`none for ${stepsText(numbers)}: one-way`]),
    ...(restored === undefined && earlier === undefined && numbers.length === 0
      ? ['any time: every step can be undone']
      : []),
  ].join('; ');
}

function restoredText(own: RestoredStep | undefined, earlier: RestoredStep | undefined): string[] {
  if (earlier !== undefined) return [`by ${backupText(earlier)}; what is written since is lost`];
  if (own === undefined) return [];
  return [
    `before step ${own.number}: as it was; after it by ${backupText(own)}, what is written since is lost`,
  ];
}

function backupText({ by, backups }: RestoredStep): string {
  const of =
    backups.length === 0
      ? ''
      : ` of ${backups.length === 1 ? 'step' : 'steps'} ${numbersText(backups)}`;
  return by === 'hosts'
    ? `the snapshots of whole hosts${of}, which a person restores`
    : `the backup${of}`;
}
