import { ongoingWork, openGate, stuckWork } from '../../../jobs/run/decide.ts';
import { currentStep, uncheckedHosts, unreadyHosts } from '../../../jobs/run/standing.ts';
import {
  type KnownTimes,
  type RunEstimate,
  runEstimate,
  usualOf,
} from '../../../jobs/run/durations/estimates.ts';
import { slowWork } from '../../../jobs/run/durations/slow.ts';
import type { RecogniseFailure } from '../../../openstack/repair/signature.ts';
import { planRollback } from '../../../jobs/run/rollback/rollback.ts';
import { type HostStep, type Run, hostStep, isPassed } from '../../../jobs/run/run.ts';
import { type StepWorks, worksByStep, runProgress, situation } from './situation.ts';
import { heldLine } from './serving-lines.ts';
import { slowNext, usualText } from './slow-step.ts';
import { gateSteps, stepsBehindGate } from '../../../jobs/run/gate-steps.ts';
import {
  type DateStyle,
  durationBetween,
  durationText,
  countText,
  fewNames,
  mention,
  mentions,
  oneLineMrkdwn,
  timeText,
} from '../text.ts';

export interface CardOptions {
  readonly now: string;
  readonly dates: DateStyle;
  /** Unset: nothing is known about failures. */
  readonly recognise?: RecogniseFailure | undefined;
  /** Since when no worker is alive; ISO 8601. Absent: one is. */
  readonly noWorkerSince?: string | undefined;
  /** How long things took before. Absent: nothing is said of it. */
  readonly times?: KnownTimes | undefined;
}

/** `▓▓▓▓░░░░ 50 % · hop 1 of 2, to Kilo · step 3 of 5 · done about 09:31`; by time where it is known, else by what is done. */
export function progressLine(run: Run, look: CardOptions): string {
  const { times, now } = look;
  const { done, total, step, steps } = runProgress(run);
  const estimate = times && runEstimate(run, times, Date.parse(now));
  const share = estimate?.share ?? (total === 0 ? 1 : done / total);
  const full = Math.floor(share * BAR);
  const bar = '▓'.repeat(full) + '░'.repeat(BAR - full);
  const noun = run.rollback === undefined ? 'step' : 'undoing';
  const end = estimate === undefined ? [] : [leftText(run, estimate, look)];
  const parts = [`${bar} ${Math.floor(share * 100)} %`, ...hopText(run, step)];
  return [...parts, `${noun} ${step} of ${steps}`, ...end].join('  ·  ');
}

/** Which of several hops the run is at; nothing where its plan makes one. */
function hopText({ plan, rollback }: Run, step: number): string[] {
  const hops = [...new Set(plan.steps.flatMap(({ hop }) => hop?.to ?? []))];
  const at = plan.steps[step - 1]?.hop?.to;
  if (hops.length < 2 || at === undefined || rollback !== undefined) return [];
  return [`hop ${hops.indexOf(at) + 1} of ${hops.length}, to ${oneLineMrkdwn(at, 60)}`];
}

/** When it is through where nothing stands in its way, else how much there is left to do. */
function leftText(
  run: Run,
  { leftMs, approvals, byHand }: RunEstimate,
  { now, dates }: CardOptions,
): string {
  const is = situation(run);
  const people = [
    ...(approvals === 0 ? [] : [countText(approvals, 'approval')]),
    ...(byHand === 0 ? [] : [`${countText(byHand, 'step')} by hand`]),
  ];
  const plus = people.length === 0 ? '' : `, plus ${people.join(' and ')}`;
  if (is !== 'running' && is !== 'rollingBack')
    return `about ${durationText(leftMs)} of work left${plus}`;
  const end = new Date(Date.parse(now) + leftMs).toISOString();
  return `done about ${timeText(end, dates, now)}${plus}`;
}

const BAR = 14;

/** What happens now: what runs and where, or whom the run waits for. */
export function nowLines(run: Run, look: CardOptions): string[] {
  const works = worksByStep(run, ongoingWork(run)).map((group) => groupLine(run, group, look));
  return [...unseen(look), ...recalling(run), ...waiting(run, look), ...works];
}

function recalling({ recalling: hosts = [] }: Run): string[] {
  if (hosts.length === 0) return [];
  const names = oneLineMrkdwn(fewNames(hosts));
  return [`Redis was started anew: asking ${names} what they know of this run before it goes on`];
}

/** Without a worker, what is said of hosts is what was seen last. */
function unseen({ noWorkerSince, now, dates }: CardOptions): string[] {
  if (noWorkerSince === undefined) return [];
  return [
    `no worker is alive since ${timeText(noWorkerSince, dates, now)}: nothing starts or is followed until one is back (\`npm run worker\`), and what stands here of hosts was seen before that`,
  ];
}

function waiting(run: Run, { now, dates }: CardOptions): string[] {
  switch (situation(run)) {
    case 'checking': {
      const hosts = Object.keys(run.plan.targets).length;
      const open = uncheckedHosts(run);
      const silent =
        open.length === 0 ? '' : `; no answer yet from ${oneLineMrkdwn(fewNames(open))}`;
      return [`checking the hosts: ${hosts - open.length} of ${hosts} checked${silent}`];
    }
    case 'approval':
      return [approvalLine(run)];
    case 'paused': {
      const { by = '', at = now, reason } = run.paused ?? {};
      const why = reason === undefined ? '' : `: ${oneLineMrkdwn(reason)}`;
      return [`paused by ${mention(by)} ${timeText(at, dates, now)}${why}`];
    }
    case 'aborting': {
      const { by = '', at = now } = run.aborting ?? {};
      return [`being aborted by ${mention(by)} since ${timeText(at, dates, now)}`];
    }
    case 'stuck':
      return [`needs a decision${run.paused === undefined ? '' : '; the run is paused, too'}`];
    case 'held':
      return [heldLine(run)];
    case 'running':
      return ongoingWork(run).length > 0 ? [] : [`about to start ${title(currentStep(run))}`];
    case 'rollingBack':
      return ongoingWork(run).length > 0 ? [] : ['about to undo the next step'];
    case 'proposed':
      return ['nothing begins: a rollback waits for a second person, see below'];
    case 'asked':
    case 'ended':
      return [];
  }
}

function approvalLine(run: Run): string {
  const gate = openGate(run);
  if (gate === undefined) return '';
  const who = gate.given.length === 0 ? '' : ` (${mentions(gate.given)})`;
  const asks =
    gate.given.length < gate.needed
      ? ''
      : '; waits until Slack says whether those who approved still can';
  return `needs approval of ${gateSteps(run, gate.step.id, title(gate.step))}: ${gate.given.length} of ${countText(gate.needed, 'approval')} given${who}${asks}`;
}

function groupLine(
  run: Run,
  { phase, step, works, hosts }: StepWorks,
  { now, dates, times }: CardOptions,
): string {
  const states = works.map((work) => hostStep(run, work));
  const since = states.map(({ startedAt }) => startedAt ?? now).toSorted()[0] ?? now;
  const isAsked = states.some(({ status }) => status === 'asked');
  const doing = isAsked ? 'needs a person for ' : phase === 'undo' ? 'undoing ' : '';
  const tookMs = Date.parse(now) - Date.parse(since);
  const usual = usualText(times && usualOf(run, { phase, step }, times), { states, tookMs });
  const what = doing === '' ? name(step) : `${doing}${title(step)}`;
  return `${what} on ${oneLineMrkdwn(fewNames(hosts))}  ·  since ${timeText(since, dates, now)}, ${durationBetween(since, now)}${usual}`;
}

/** Hosts whose link is lost right now, and links that came back. */
export function linkLines(run: Run, { now, dates }: CardOptions): string[] {
  const lost = worksByStep(
    run,
    ongoingWork(run).filter((work) => hostStep(run, work).lostAt !== undefined),
  ).map(({ hosts, works }) => {
    const since = works.map((work) => hostStep(run, work).lostAt ?? now).toSorted()[0] ?? now;
    return `lost to ${oneLineMrkdwn(fewNames(hosts))} since ${timeText(since, dates, now)}; asked again until it answers, and nothing is run twice`;
  });
  const back = allHosts(run)
    .filter(({ state }) => state.reattached !== undefined)
    .toSorted((a, b) => ((a.state.reattached?.at ?? '') < (b.state.reattached?.at ?? '') ? -1 : 1));
  const last = back.at(-1);
  if (last?.state.reattached === undefined) return lost;
  const times = back.length === 1 ? '' : ` (and ${countText(back.length - 1, 'time')} before)`;
  const at = timeText(last.state.reattached.at, dates, now);
  return [
    ...lost,
    `re-attached ${at} on ${oneLineMrkdwn(last.host)}, nothing was run twice${times}`,
  ];
}

const allHosts = (run: Run): { host: string; state: HostStep }[] =>
  [...Object.values(run.apply), ...Object.values(run.undo)].flatMap((hosts) =>
    Array.from(hosts, ([host, state]) => ({ host, state })),
  );

/** Failures that the step allows for, so that the run goes on all the same. */
export function toleratedLine(run: Run): string | undefined {
  const step = currentStep(run);
  const past = run.plan.steps.slice(
    0,
    step === undefined ? undefined : run.plan.steps.indexOf(step),
  );
  const failed = past.flatMap(({ id, hosts, title: name }) =>
    hosts
      .filter((host) => !isPassed(hostStep(run, { phase: 'apply', step: id, host })))
      .map((host) => `${name} on ${host}`),
  );
  return failed.length === 0
    ? undefined
    : `failed, within what the step allows: ${oneLineMrkdwn(fewNames(failed))}`;
}

/** What happens next, or what a person can do so that something happens. */
export function nextLine(run: Run): string {
  switch (situation(run)) {
    case 'ended':
      return '';
    case 'proposed':
      return `somebody else presses Confirm or types \`/upgrade approve ${run.id}\`; Keep going drops the rollback`;
    case 'stuck':
      return isSilent(run)
        ? 'the host answers, or you say what you know with the buttons below'
        : 'press one of the buttons below; nothing goes on by itself';
    case 'aborting':
      return 'whatever still runs is stopped, then the run ends';
    case 'asked':
      return `whoever did it presses Done, or types \`/upgrade done ${run.id} EVIDENCE\``;
    case 'paused':
      return `Resume goes on with ${run.rollback === undefined ? title(currentStep(run)) : 'the rollback'}`;
    case 'rollingBack':
      return behindSlow(run, afterRollback(run));
    case 'checking':
      return unreadyHosts(run).length > 0
        ? 'the run ends with nothing started: a host is not ready, see below'
        : `then asks for approval of ${gateSteps(run, run.plan.steps[0]?.id ?? '', title(run.plan.steps[0]))}`;
    case 'approval':
      return `an approver presses Approve in the message that asks for it, or types \`/upgrade approve ${run.id}\``;
    case 'held':
      return `${title(currentStep(run))} starts once it answers; Resume goes on without it`;
    case 'running':
      return behindSlow(run, following(run));
  }
}

const behindSlow = (run: Run, next: string): string =>
  slowWork(run).length === 0 ? next : `${slowNext(run)}. Then: ${next}`;

const isSilent = (run: Run): boolean =>
  stuckWork(run).every((work) => hostStep(run, work).lostAt !== undefined);

function following(run: Run): string {
  const { steps } = run.plan;
  const current = currentStep(run);
  const next = current === undefined ? undefined : steps[steps.indexOf(current) + 1];
  if (next === undefined) return 'nothing more: this is the last step';
  const where = `on ${oneLineMrkdwn(fewNames(next.hosts))}`;
  if (next.gate !== undefined)
    return `asks for ${countText(next.gate, 'approval')} before ${title(next)} ${where}`;
  const behind = stepsBehindGate(run, next.id).length;
  const gate = steps[steps.indexOf(next) + behind];
  const what = `${name(next)} ${where}`;
  return gate === undefined ? what : `${what}; later asks before ${title(gate)}`;
}

function afterRollback(run: Run): string {
  const { steps } = planRollback(run, run.rollback?.to);
  const open = steps.filter(({ step, hosts }) =>
    hosts.some((host) => !isPassed(hostStep(run, { phase: 'undo', step: step.id, host }))),
  );
  return open[1] === undefined
    ? `then the run is back to before ${title(steps.at(-1)?.step)}`
    : `undoes ${title(open[1].step)} on ${oneLineMrkdwn(fewNames(open[1].hosts))}`;
}

/** Not bold: right behind a bold label it would run together with it. */
const name = (step: { readonly title: string }): string => oneLineMrkdwn(step.title, 150);

const title = (step: { readonly title: string } | undefined): string =>
  step === undefined ? 'the end' : `*${oneLineMrkdwn(step.title, 150)}*`;
