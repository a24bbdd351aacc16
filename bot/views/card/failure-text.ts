import { sizeText } from '../../../jobs/files/sizes.ts';
import type { Work } from '../../../jobs/run/events.ts';
import { type HostStep, type Run, stepOf } from '../../../jobs/run/run.ts';
import { oneLineMrkdwn } from '../text.ts';

type Failure = NonNullable<HostStep['failure']>;

/** Why a step failed, beside what its heading says: nothing more where a command ended with an exit code. Escaped. */
export function failureReason(run: Run, work: Work, failure: Failure): string | undefined {
  const { cause, reason = '', fullDisks = [], outputBytes = 0, limitBytes = 0 } = failure;
  switch (cause) {
    case 'exit':
      return fullDisks.length === 0
        ? undefined
        : oneLineMrkdwn(
            `the disk is full: no room at ${fullDisks.join(' and ')} (the output of the step takes ${sizeText(outputBytes)})`,
          );
    case 'state':
      return `every command ended well, but the state is not ${work.phase === 'apply' ? 'what the step is for' : 'what it was before'}`;
    case 'timeout':
      return `not done within ${stepOf(run, work.step).timeoutMs / 1000} s, so its process group was ended`;
    case 'output':
      return `it wrote more than ${sizeText(limitBytes)} of output, so it was ended`;
    case undefined:
      return reason === '' ? undefined : oneLineMrkdwn(reason, 500);
  }
}

/** What to do about it. Not escaped. */
export function failureHint({ host }: Work, { cause, hint = '', fullDisks = [] }: Failure): string {
  switch (cause) {
    case 'exit':
      return fullDisks.length === 0
        ? 'Look at the output; then retry, skip with a reason, or roll back.'
        : `Make room at ${fullDisks.join(' and ')} on ${host}; then retry, skip with a reason, or roll back.`;
    case 'state':
      return 'Compare the output with the host; then retry, skip with a reason, or roll back.';
    case 'timeout':
      return 'Find out what it waits for, or give the step a longer timeout in the runbook.';
    case 'output':
      return 'Look at the output for what it says again and again, or give the step a larger outputLimit in the runbook.';
    case undefined:
      return hint;
  }
}
