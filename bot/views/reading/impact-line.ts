import { changeTotals } from '../../../jobs/reading/totals.ts';
import type { ReadStep } from '../../../jobs/reading/steps.ts';
import type { ApiOutage, PlanImpact, UserTouch } from '../../../openstack/upgrade/impact.ts';
import { fewNames, oneLineMrkdwn } from '../text.ts';

/** The impact of a plan, or why it is not known: the cloud's file can't be read, or does not say what runs where. */
export type KnownImpact = PlanImpact | 'no file' | 'no services';

const UNKNOWN = {
  'no file': "not known: the cloud's file can't be read",
  'no services': "not known: the cloud's file does not say which services run where",
} as const;

/** What users of the cloud feel while these steps of a plan run. */
export function impactLine(impact: KnownImpact, steps: readonly ReadStep[]): string {
  if (typeof impact === 'string') return UNKNOWN[impact];
  const own = outagesAmong(impact, steps);
  const { touches } = impact;
  const parts = [
    ...(own.length === 0 ? ['no API goes down'] : [outagesText(own, impact)]),
    ...touches.flatMap((touch) => touchText(touch, own)),
    instancesText(steps, touches),
  ];
  return oneLineMrkdwn(parts.filter((part) => part !== '').join(' · '), 600);
}

/** Each API with the steps between which nobody reaches it. */
export const outagesLine = (impact: KnownImpact, steps: readonly ReadStep[]): string =>
  (typeof impact === 'string' ? [] : outagesAmong(impact, steps))
    .map(({ service, from, to }) => oneLineMrkdwn(`${service} ${from}–${to ?? 'for good'}`, 80))
    .join(', ');

function outagesAmong({ outages }: PlanImpact, steps: readonly ReadStep[]): ApiOutage[] {
  const [from, to] = [steps[0]?.number ?? 1, steps.at(-1)?.number ?? 1];
  return outages.filter(
    (outage) => outage.from <= to && (outage.to === undefined || outage.to > from),
  );
}

function outagesText(outages: readonly ApiOutage[], { services }: PlanImpact): string {
  const names = [...new Set(outages.map(({ service }) => service))];
  const all = names.length === services.length && names.length > 1;
  const who = all ? `all ${names.length} APIs` : fewNames(names, 4);
  const from = Math.min(...outages.map((outage) => outage.from));
  const open = [
    ...new Set(outages.flatMap(({ service, to }) => (to === undefined ? [service] : []))),
  ];
  const ends = outages.flatMap(({ to }) => (to === undefined ? [] : [to]));
  const until = ends.length === 0 ? '' : ` to ${Math.max(...ends)}`;
  const never = open.length === 0 ? '' : `; no step of this plan brings ${fewNames(open)} back`;
  return `${who} down from step ${from}${until}${never}`;
}

function touchText({ what, hosts }: UserTouch, outages: readonly ApiOutage[]): string[] {
  const where = hosts.length > 3 ? `${hosts.length} hosts` : hosts.join(', ');
  switch (what) {
    case 'routers':
      return [`routers pause on ${where}`];
    case 'dhcp':
      return [`DHCP pauses on ${where}`];
    case 'ports':
      return [`network agents restart on ${where}`];
    case 'apis':
      return outages.length > 0 ? [] : [`APIs restart host by host on ${where}`];
    case 'liveMigrated':
      return [`instances of ${where} move while they run`];
    case 'coldMigrated':
      return [`instances of ${where} are stopped and moved`];
  }
}

/** Nobody can tell of commands that no kind of step knows, and of what a person does. */
function instancesText(steps: readonly ReadStep[], touches: readonly UserTouch[]): string {
  const isTouched = touches.some(({ what }) => what === 'liveMigrated' || what === 'coldMigrated');
  if (isTouched) return '';
  const unjudged = changeTotals(steps).changes.some(
    ({ what }) => what === 'run' || what === 'person',
  );
  return unjudged ? 'no step is known to touch instances' : 'instances keep running';
}
