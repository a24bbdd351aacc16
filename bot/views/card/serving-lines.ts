import { canaryProbe, type ProbedThing } from '../../../jobs/run/serving/probe-change.ts';
import { downtimeOf, isPromised, servingBreaches } from '../../../jobs/run/serving/serving.ts';
import type { Run } from '../../../jobs/run/run.ts';
import { type DateStyle, durationText, fewNames, oneLineMrkdwn, timeText } from '../text.ts';

interface Look {
  readonly now: string;
  readonly dates: DateStyle;
}

/** Whether the cloud answers its users, as probes found it; nothing where nothing is probed. */
export function servingLines(run: Run, look: Look): string[] {
  const probes = Object.entries(run.serving?.probes ?? {});
  if (probes.length === 0) return [];
  const apis = probes.filter(([probe]) => probe !== canaryProbe);
  const canary = run.serving?.probes[canaryProbe];
  const parts = [
    ...apisText(run, apis, look),
    ...(canary === undefined ? [] : [canaryText(canary, look)]),
    ...(run.ended === undefined ? [] : [downtimes(run, look.now)]),
  ];
  return [parts.filter((part) => part !== '').join('  ·  ')];
}

/** What holds a run, and since when it is so. */
export const heldLine = (run: Run): string => breachLine(run, servingBreaches(run));

/** That something is down which whoever approved the run was told stays up. */
export function breachLine(run: Run, probes: readonly string[]): string {
  const why = [...new Set(probes.map((probe) => run.serving?.probes[probe]?.why ?? ''))];
  const reasons = why.filter((one) => one !== '').join(', ');
  const said = reasons === '' ? '' : ` (${oneLineMrkdwn(reasons, 200)})`;
  return `*${probeNames(probes)} should answer and ${probes.length === 1 ? 'does' : 'do'} not*${said}: nothing new starts meanwhile`;
}

export const probeNames = (probes: readonly string[]): string =>
  oneLineMrkdwn(
    fewNames(
      probes.map((probe) => (probe === canaryProbe ? 'the canary instance' : probe)),
      6,
    ),
    300,
  );

type Named = readonly [name: string, thing: ProbedThing];

/** `APIs down since 09:16`, or those that are, with the others counted. */
function apisText(run: Run, apis: readonly Named[], look: Look): string[] {
  if (apis.length === 0) return [];
  const of = (is: ProbedThing['is']): Named[] => apis.filter(([, thing]) => thing.is === is);
  const [up, down, unknown] = [of('up'), of('down'), of('notProbed')];
  const planned = down.filter(([name]) => !isPromised(run, name));
  const broken = down.filter(([name]) => isPromised(run, name));
  const asApproved = hasPromise(run) ? ', as approved' : '';
  return [
    ...(planned.length === 0 ? [] : [`${downText(planned, apis.length, look)}${asApproved}`]),
    ...(broken.length === 0 ? [] : [`*${downText(broken, apis.length, look)}, not as approved*`]),
    ...(unknown.length === 0
      ? []
      : [
          `${names(unknown, apis.length)} not probed since ${sinceText(unknown, look)}${whyText(unknown)}`,
        ]),
    ...(up.length === 0 ? [] : [upText(up, apis.length)]),
  ];
}

/** Where no approval spoke of APIs, and in a rollback, nothing is as approved. */
const hasPromise = ({ review, rollback }: Run): boolean =>
  review?.serving !== undefined && rollback === undefined;

const downText = (group: readonly Named[], all: number, look: Look): string =>
  `${names(group, all)} down since ${sinceText(group, look)}`;

const upText = (up: readonly Named[], all: number): string =>
  up.length === all
    ? `${all === 1 ? names(up, 0) : `all ${all} APIs`} ${all === 1 ? 'answers' : 'answer'}`
    : `${names(up, 0)} ${up.length === 1 ? 'answers' : 'answer'}`;

const names = (group: readonly Named[], all: number): string =>
  group.length === all && all > 1
    ? 'APIs'
    : oneLineMrkdwn(
        fewNames(
          group.map(([name]) => name),
          4,
        ),
        200,
      );

const sinceText = (group: readonly Named[], { now, dates }: Look): string =>
  timeText(group.map(([, { since }]) => since).toSorted()[0] ?? now, dates, now);

function whyText(group: readonly Named[]): string {
  const why = group.map(([, thing]) => thing.why).find((one) => one !== undefined);
  return why === undefined ? '' : ` (${oneLineMrkdwn(why, 150)})`;
}

function canaryText({ is, since, why }: ProbedThing, { now, dates }: Look): string {
  const when = `since ${timeText(since, dates, now)}`;
  switch (is) {
    case 'up':
      return 'canary instance answers';
    case 'down':
      return `*canary instance silent ${when}*`;
    case 'notProbed':
      return `canary instance not probed ${when}${why === undefined ? '' : ` (${oneLineMrkdwn(why, 150)})`}`;
  }
}

/** How long each was down in all, once the run has ended. */
function downtimes(run: Run, now: string): string {
  const all = Object.keys(run.serving?.probes ?? {}).flatMap((probe) => {
    const ms = downtimeOf(run, probe, now);
    return ms === 0 ? [] : [`${probeNames([probe])} ${durationText(ms)}`];
  });
  return all.length === 0 ? 'nothing was down' : `down in all: ${fewNames(all, 12)}`;
}
