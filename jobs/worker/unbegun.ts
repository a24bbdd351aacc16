import { type Work, executionId } from '../run/events.ts';
import { type Run, hostStep } from '../run/run.ts';

/**
 * Executions that their host has shown not to have begun, so that it need not be asked again right before. That holds as long
 * as the log cannot have forgotten anything since: whoever begins one writes it down there first.
 */
export interface UnbegunExecutions {
  readonly note: (id: string) => void;
  /** Says whether it still holds; undefined where nothing is known. Each is used once. */
  readonly take: (id: string) => (() => boolean) | undefined;
  /** The log may have gone back in time. */
  readonly forget: () => void;
}

const most = 20_000;

export function openUnbegun(): UnbegunExecutions {
  const known = new Set<string>();
  let logs = 0;
  return {
    note: (id) => {
      known.add(id);
      if (known.size <= most) return;
      for (const oldest of known) {
        known.delete(oldest);
        break;
      }
    },
    take: (id) => {
      const log = logs;
      return known.delete(id) ? () => log === logs : undefined;
    },
    forget: () => {
      logs += 1;
      known.clear();
    },
  };
}

/** What will probably be started next on a host: behind this work, or first of all. */
export function nextExecution(run: Run, host: string, after?: Work): string | undefined {
  if (after?.phase === 'undo') return undefined;
  const { steps } = run.plan;
  const from = after === undefined ? 0 : steps.findIndex(({ id }) => id === after.step) + 1;
  for (let index = from; index < steps.length; index += 1) {
    const step = steps[index];
    if (step?.doer !== 'host' || !step.hosts.includes(host)) continue;
    const work = { phase: 'apply', step: step.id, host } as const;
    const { status, attempt } = hostStep(run, work);
    return status === 'pending' ? executionId(run.id, { ...work, attempt }) : undefined;
  }
  return undefined;
}
