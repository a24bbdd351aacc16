import type { ChangedThing } from '../../../handlers/contract/deed.ts';
import type { ReadStep } from '../../../jobs/reading/steps.ts';
import { type ChangeTotal, changeTotals } from '../../../jobs/reading/totals.ts';
import { countText, fewNames, oneLineMrkdwn } from '../text.ts';

/** What steps change, counted: `stops 16 services · writes 9 files · 4 schema syncs`. */
export function doesParts(steps: readonly Pick<ReadStep, 'step' | 'deed'>[]): string[] {
  const { changes, looks } = changeTotals(steps);
  const parts = changes.toSorted((a, b) => rank(a.what) - rank(b.what)).map(totalText);
  const checks = looks === 0 ? [] : [countText(looks, 'check')];
  return [...parts, ...checks].map((part) => oneLineMrkdwn(part, 200));
}

/** What approvers weigh first stands first. */
const ORDER: readonly ChangedThing[] = [
  'run',
  'person',
  'source',
  'package',
  'schema',
  'data',
  'write',
  'remove',
  'stop',
  'start',
  'restart',
  'boot',
  'liveMigrate',
  'coldMigrate',
  'drain',
  'disable',
  'backup',
  'forget',
  'reopen',
  'enable',
  'try',
];
const rank = (what: ChangedThing): number => ORDER.indexOf(what);

function totalText({ what, names, hosts }: ChangeTotal): string {
  const on = `on ${countText(hosts.length, 'host')}`;
  const count = (noun: string): string => countText(names.length, noun);
  switch (what) {
    case 'run':
      return `runs ${count('command')} of no known kind ${on}`;
    case 'person':
      return `${count('thing')} by hand`;
    case 'source':
      return `${names.length === 1 ? 'switches apt' : count('apt source')} ${on}`;
    case 'package':
      return names.includes('every package')
        ? `upgrades every package ${on}`
        : `${count('package')} ${on}`;
    case 'schema':
      return count('schema sync');
    case 'data':
      return count('data migration');
    case 'write':
      return `writes ${count('file')} ${on}`;
    case 'remove':
      return `removes ${count('file')} ${on}`;
    case 'stop':
      return `stops ${count('service')} ${on}`;
    case 'start':
      return `starts ${count('service')}`;
    case 'restart':
      return `restarts ${names.length === 1 ? names.join('') : count('service')} ${on}`;
    case 'boot':
      return `restarts ${count('host')}`;
    case 'liveMigrate':
    case 'coldMigrate':
      return `empties ${count('compute')}`;
    case 'drain':
      return `drains ${count('backend')}`;
    case 'disable':
      return `disables ${count('compute')}`;
    case 'backup':
      return `backs up ${count('database')}`;
    case 'forget':
      return `deletes records of ${fewNames(names)}`;
    case 'reopen':
      return `reopens ${count('backend')}`;
    case 'enable':
      return `enables ${count('compute')}`;
    case 'try':
      return 'a smoke test';
  }
}
