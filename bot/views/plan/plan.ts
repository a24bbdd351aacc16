import { type Run, type HostStatus, hostStep, isPassed } from '../../../jobs/run/run.ts';
import type { PlanStep } from '../../../jobs/run/plan.ts';
import { inlineCode, countText, fewNames, oneLineMrkdwn } from '../text.ts';

/** The steps of a plan, a line each, with how far each one is. Few enough for a section. */
export function planLines(run: Run): string[] {
  const { steps } = run.plan;
  const lines = steps.slice(0, MOST).map((step, index) => stepLine(run, step, index + 1));
  const more = steps.length > MOST ? [`… and ${countText(steps.length - MOST, 'more step')}`] : [];
  return [
    `*Plan* ${inlineCode(run.planHash.slice(0, 6))}: ${countText(steps.length, 'step')}`,
    ...lines,
    ...more,
  ];
}

/** Lines of at most 140 characters: 20 of them and a heading fit into a section. */
const MOST = 20;

function stepLine(run: Run, step: PlanStep, number: number): string {
  const states = step.hosts.map((host) => standing(run, step.id, host));
  const gate = step.gate === undefined ? '' : ` · ${countText(step.gate, 'approval')} before it`;
  const exit = step.exit === 'oneWay' ? ' · one-way' : '';
  return `${mark(states)} ${number}. ${oneLineMrkdwn(step.title, 50)} ${inlineCode(step.id)} on ${oneLineMrkdwn(fewNames(step.hosts, 2), 40)}${gate}${exit}`;
}

/** What was done on a host and is undone again is no longer done there. */
function standing(run: Run, step: string, host: string): HostStatus | 'undone' {
  const undo = hostStep(run, { phase: 'undo', step, host });
  return isPassed(undo) ? 'undone' : hostStep(run, { phase: 'apply', step, host }).status;
}

function mark(states: readonly (HostStatus | 'undone')[]): string {
  const some = (...wanted: HostStatus[]) =>
    states.some((status) => status !== 'undone' && wanted.includes(status));
  if (some('unknown')) return '?';
  if (some('failed', 'stopped')) return '✗';
  if (some('running', 'asked')) return '▸';
  if (states.includes('undone')) return '↩';
  if (states.every((status) => status === 'skipped')) return '–';
  return some('pending') ? '·' : '✓';
}
