import type { DoorUse, RunEvent, Work } from '../../../jobs/run/events.ts';
import { outcomeTexts } from '../../../jobs/run/act.ts';
import { gateSteps } from '../../../jobs/run/gate-steps.ts';
import type { Run } from '../../../jobs/run/run.ts';
import { isHeldByServing, servingBreaches } from '../../../jobs/run/serving/serving.ts';
import { breachLine, probeNames } from '../card/serving-lines.ts';
import { voidedWords } from '../voided-words.ts';
import { durationBetween, inlineCode, mention, oneLineMrkdwn, timeText } from '../text.ts';
import { type EventLine, boldStepTitle, hostNames, singleLine, workTitle } from './line.ts';

type RunWideEvent = Exclude<RunEvent, { work: Work }>;

/** What an event about the whole run says; undefined for one that says nothing. */
export function runEventLine(before: Run, run: Run, event: RunWideEvent): EventLine | undefined {
  const nth = (name: string): string => `${name}.${run.version}`;
  switch (event.type) {
    case 'RunRequested':
    case 'HostReady':
    case 'ApprovalRequested':
    case 'ApprovalsDoubted':
    case 'ApprovalsConfirmed':
    case 'ServingChanged':
    case 'StepFoundSlow':
    case 'LossCounted':
      return undefined;
    case 'ServingBreached':
      return singleLine(nth('breach'), `✗ ${breachLine(run, event.probes)}`);
    case 'ApprovalsVoided':
      return singleLine(
        nth('voided'),
        `Approval of ${boldGateSteps(run, event.gate)} is void: ${voidedWords(event, run.plan.cloud)}. It is asked for anew`,
      );
    case 'StoreRestarted':
      return singleLine(
        nth('restarted'),
        'Redis was started anew and may have lost its last second: each host is asked what it knows of this run',
      );
    case 'HostRecalled':
      return recalledLine(run, event, nth('recalled'));
    case 'HostRefused':
      return refusedLine(event);
    case 'Rewound':
      return singleLine(
        nth('rewound'),
        `↩ Back to before ${boldStepTitle(run, event.to)}; the run is paused there`,
      );
    case 'RunEnded': {
      const sign = event.outcome === 'succeeded' ? '✓' : '■';
      const took = durationBetween(run.requestedAt, event.at);
      const by = run.ended?.by === undefined ? '' : ` by ${mention(run.ended.by)}`;
      const text = `${sign} Run ${inlineCode(run.id)} ${outcomeTexts[event.outcome]}${by}, after ${took}`;
      return singleLine(nth('ended'), text);
    }
    case 'ApprovalGiven':
    case 'Rejected':
    case 'AbortRequested':
    case 'Paused':
    case 'Resumed':
    case 'RetryRequested':
    case 'RollbackDeclined':
    case 'RollbackProposed':
    case 'RollbackRequested':
    case 'SkipRequested':
    case 'WayOutChosen': {
      const [name, ...lines] = wordsOfPerson(before, run, event);
      return { key: nth(name), lines };
    }
  }
}

const refusedLine = ({
  host,
  reason,
  hint,
}: Extract<RunEvent, { type: 'HostRefused' }>): EventLine => ({
  key: `refused.${host}`,
  group: 'refused',
  lines: [
    `✗ ${oneLineMrkdwn(host)} is not ready: ${oneLineMrkdwn(reason, 1000)}`,
    oneLineMrkdwn(hint, 1000),
  ],
});

/** Nothing where log and host agree. */
function recalledLine(
  run: Run,
  { host, begun, silent, lost }: Extract<RunEvent, { type: 'HostRecalled' }>,
  key: string,
): EventLine | undefined {
  const name = oneLineMrkdwn(host);
  const said = (line: string): EventLine => ({ key, group: 'recalled', lines: [line] });
  if (silent !== undefined)
    return said(`? ${name} did not say what it knows: ${oneLineMrkdwn(silent, 1000)}`);
  if (lost !== undefined)
    return said(
      `? ${name} has lost what it knew of ${workTitle(run, lost)}, as Redis has of what came after: what is next there may have begun`,
    );
  if (begun.length === 0) return undefined;
  const works = begun.map(({ work }) => workTitle(run, work)).join(', ');
  return said(`${name} has begun what the log has forgotten: ${works}. It is followed again`);
}

type PersonEvent = Exclude<Extract<RunWideEvent, { by: string }>, { type: 'RunRequested' }>;

/** What a person did, after a name for it. */
function wordsOfPerson(before: Run, run: Run, event: PersonEvent): [string, ...string[]] {
  const who = mention(event.by);
  switch (event.type) {
    case 'ApprovalGiven': {
      const plan = inlineCode(event.planHash.slice(0, 6));
      return ['approved', `${who} approved ${boldGateSteps(run, event.gate)}  ·  plan ${plan}`];
    }
    case 'Rejected': {
      const steps = boldGateSteps(before, event.gate);
      const reason = oneLineMrkdwn(event.reason, 1000);
      return ['rejected', `${who} rejected ${steps}: ${reason}${left(before, run)}`];
    }
    case 'Paused':
      return ['paused', `${who} paused the run; what runs now runs to its end`];
    case 'Resumed':
      return [
        'resumed',
        isHeldByServing(before)
          ? `${who} lets the run go on without ${probeNames(servingBreaches(before))}`
          : `${who} resumed the run`,
      ];
    case 'AbortRequested':
      return ['abort', `${who} aborts the run${atDoor(event)}`];
    case 'RetryRequested': {
      const where = `${workTitle(run, event)} on ${hostNames(event.hosts)}`;
      return ['retry', `${who} asked for another attempt at ${where}`];
    }
    case 'SkipRequested': {
      const where = `${workTitle(run, event)} on ${hostNames(event.hosts)}`;
      return ['skip', `${who} skipped ${where}: ${oneLineMrkdwn(event.reason, 1000)}`];
    }
    case 'WayOutChosen':
      // The key of lines that were posted before.
      return ['way', ...fixWords(who, event)];
    case 'RollbackProposed':
      return [
        'proposed',
        `${who} asked to roll the run back to before ${boldStepTitle(run, event.to)}${because(event)}; a second person has to confirm it${atDoor(event)}`,
      ];
    case 'RollbackDeclined':
      return ['declined', `${who} dropped the rollback; the run goes on${because(event)}`];
    case 'RollbackRequested':
      return ['rollback', `${rollbackWords(who, run, event)}${atDoor(event)}`];
  }
}

function rollbackWords(
  who: string,
  run: Run,
  { to, askedBy, alone }: Extract<RunEvent, { type: 'RollbackRequested' }>,
): string {
  const where = boldStepTitle(run, to);
  if (alone !== undefined)
    return `↩ ${who} rolls the run back to before ${where} *alone*, as nobody answered for ${durationBetween(alone.since, run.at)}: ${oneLineMrkdwn(alone.reason, 1000)}`;
  return askedBy === undefined
    ? `↩ ${who} rolls the run back to before ${where}`
    : `↩ ${who} confirmed: the run goes back to before ${where}, as ${mention(askedBy)} asked`;
}

const because = ({ reason }: { readonly reason?: string }): string =>
  reason === undefined ? '' : `: ${oneLineMrkdwn(reason, 1000)}`;

/** It was not said in Slack: where, by which account, and what of Slack counted. */
function atDoor({ door }: { readonly door?: DoorUse }): string {
  if (door === undefined) return '';
  const { account, confirmedAt, slackRefused } = door;
  const why =
    slackRefused === undefined
      ? 'Slack was silent'
      : `Slack refused the bot (${oneLineMrkdwn(slackRefused, 100)})`;
  const earlier =
    confirmedAt === undefined
      ? ''
      : `; ${why}, and what it said of them at ${timeText(confirmedAt, 'plain')} counted`;
  return `  ·  at the local door, as ${oneLineMrkdwn(account)}${earlier}`;
}

/** `steps 1 to 24, beginning with *Kilo: stop nova-api*`. */
const boldGateSteps = (run: Run, gate: string): string =>
  gateSteps(run, gate, boldStepTitle(run, gate));

const fixWords = (
  who: string,
  { title, steps }: Extract<RunEvent, { type: 'WayOutChosen' }>,
): string[] => [
  `${who} chose a fix: *${oneLineMrkdwn(title, 200)}*. Once approved, it runs:`,
  ...steps
    .slice(0, 12)
    .map((step) => `• ${oneLineMrkdwn(step.title, 150)}, on ${hostNames(step.hosts)}`),
  ...(steps.length > 12 ? [`… and ${steps.length - 12} more`] : []),
];

const left = (before: Run, run: Run): string =>
  run.fixes.length < before.fixes.length
    ? '. The fix is dropped; the failed step needs a decision again'
    : '';
