import type { Runbook, StepSpec } from '../../../jobs/files/runbook.ts';

/** A runbook for reading: a line a step, and its params below, with long scripts and queries cut. */
export const planText = ({ title, description = '', steps }: Runbook): string =>
  [title, '', description, '', ...steps.map(stepText)].join('\n') + '\n';

function stepText(
  { id, title, kind, on, params, batch, approval }: StepSpec,
  index: number,
): string {
  const where = typeof on === 'string' ? on : on.join(' ');
  const how = [
    ...(batch === undefined ? [] : [`${batch} at a time`]),
    ...(approval === true ? ['approval'] : []),
  ];
  return [
    `${String(index + 1).padStart(3)}. ${title}`,
    `     ${id} | ${kind} | ${where}${how.map((word) => ` | ${word}`).join('')}`,
    `     ${JSON.stringify(params, (_key, value: unknown) => shortened(value))}`,
  ].join('\n');
}

const shortened = (value: unknown): unknown =>
  typeof value === 'string' && value.length > 70
    ? `${value.slice(0, 60).replaceAll('\n', ' ')}…`
    : value;
