import { hostsOnCloud, type Runbook } from '../../../jobs/files/runbook.ts';
import type { Cloud } from '../../../jobs/files/cloud.ts';

/**
 * A long runbook for reading: a line a step, with what people are told at its gates. Params stand once: a step with the same
 * ones as an earlier step names it. Long scripts and queries are cut.
 */
export function planBrief(cloud: Cloud, { title, description = '', steps }: Runbook): string {
  const seen = new Map<string, number>();
  const lines = steps.map(
    ({ title: what, kind, on, params, approval, notes = [], batch }, index) => {
      const given = JSON.stringify(params, (_key, value: unknown) => shortened(value));
      const earlier = seen.get(`${kind} ${given}`);
      if (earlier === undefined) seen.set(`${kind} ${given}`, index + 1);
      const how = [
        hostsOnCloud(cloud, on).join(' '),
        ...(batch === undefined ? [] : [`${batch} at a time`]),
        ...(approval === undefined
          ? []
          : [`APPROVAL${approval === true ? '' : ` of ${approval}`}`]),
      ];
      return [
        // What the description says already stands there once.
        ...notes.filter((note) => !description.includes(note)).map((note) => `     ! ${note}`),
        `${String(index + 1).padStart(3)}. ${what} [${kind}: ${how.join(', ')}]`,
        earlier === undefined ? `     ${given}` : `     as in ${earlier}`,
      ].join('\n');
    },
  );
  return [title, '', description, '', ...lines].join('\n') + '\n';
}

const shortened = (value: unknown): unknown =>
  typeof value === 'string' && value.length > 70
    ? `${value.slice(0, 60).replaceAll('\n', ' ')}…`
    : value;
