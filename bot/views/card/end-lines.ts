import { capital } from '../../../handlers/words/letters.ts';
import { outcomeTexts } from '../../../jobs/run/act.ts';
import { planRollback } from '../../../jobs/run/rollback/rollback.ts';
import { type HostStep, type Run, attemptOf } from '../../../jobs/run/run.ts';
import type { CardOptions } from './card-lines.ts';
import {
  durationBetween,
  inlineCode,
  countText,
  fewNames,
  mention,
  mentions,
  oneLineMrkdwn,
  timeText,
} from '../text.ts';

/** How a run ended: the outcome in words, how long it took, who took part, and what can be done now. */
export function endLines(run: Run, { now, dates }: CardOptions): string[] {
  if (run.ended === undefined) return [];
  const { outcome, at, by } = run.ended;
  const whose = by === undefined ? '' : ` by ${mention(by)}`;
  return [
    `*${capital(outcomeTexts[outcome])}*${whose}  ·  ${timeText(at, dates, now)}, after ${durationBetween(run.requestedAt, at)}`,
    ...(outcome === 'rejected' ? [rejection(run)] : []),
    ...(outcome === 'rolledBack' ? undone(run) : []),
    [
      mentions(people(run)),
      countText(retries(run), 'retry').replace('retrys', 'retries'),
      countText(skips(run), 'skip'),
    ].join('  ·  '),
    `*Next*  ${next(run)}`,
  ];
}

function next(run: Run): string {
  const again = inlineCode(`/upgrade ${startLine(run.plan)}`);
  const canGoBack = planRollback(run).steps.length > 0;
  switch (run.ended?.outcome) {
    case 'succeeded':
      return canGoBack
        ? 'nothing to do; Roll back undoes it as long as no other run has changed the cloud'
        : 'nothing to do';
    case 'aborted':
      return canGoBack
        ? `Roll back undoes what was done, or start again: ${again}`
        : `start again: ${again}`;
    case 'refused':
      return `make the hosts ready, then start again: ${again}`;
    case 'rejected':
    case 'rolledBack':
      return `when it is time, start again: ${again}`;
    case undefined:
      return '';
  }
}

/** What starts such a run: of a release, of a healing, or of a runbook. */
export function startLine({ cloud, runbook, origin }: Run['plan']): string {
  switch (origin?.of) {
    case 'upgrade':
      return `start ${cloud} ${origin.release}`;
    case 'healing':
      return `heal ${cloud}`;
    case undefined:
      return `run ${cloud} ${runbook}`;
  }
}

function undone(run: Run): string[] {
  const { steps } = planRollback(run, run.rollback?.to);
  if (steps.length === 0) return ['Nothing had to be undone'];
  const shown = steps
    .slice(0, 8)
    .map(
      ({ step, hosts }) =>
        `↩ ${oneLineMrkdwn(step.title, 80)} on ${oneLineMrkdwn(fewNames(hosts, 6))}`,
    );
  const rest = steps.length - shown.length;
  return [
    'Undone, in this order:',
    ...shown,
    ...(rest > 0 ? [`… and ${countText(rest, 'step')}`] : []),
  ];
}

function rejection(run: Run): string {
  const rejected = Object.values(run.gates).findLast(
    (gate) => gate.rejected !== undefined,
  )?.rejected;
  return rejected === undefined
    ? ''
    : `${mention(rejected.by)} said: ${oneLineMrkdwn(rejected.reason)}`;
}

function people(run: Run): string[] {
  const states = allStates(run);
  return [
    run.requestedBy,
    ...Object.values(run.gates).flatMap(({ approvals, rejected }) =>
      [...approvals, ...(rejected === undefined ? [] : [rejected])].map(({ by }) => by),
    ),
    ...states.flatMap(({ skipped, proof }) => [skipped?.by, proof?.by]),
    run.rollback?.by,
    run.ended?.by,
  ].filter((id) => id !== undefined);
}

const retries = (run: Run): number =>
  allStates(run).reduce((sum, state) => sum + attemptOf(state) - 1, 0);

const skips = (run: Run): number =>
  allStates(run).filter(({ skipped }) => skipped !== undefined).length;

const allStates = (run: Run): HostStep[] =>
  [...Object.values(run.apply), ...Object.values(run.undo)].flatMap((hosts) => [...hosts.values()]);
