import { describe, expect, it } from '@jest/globals';
import type { RunEvent, Work } from '../../jobs/run/events.ts';
import { brokenPromises } from './judge.ts';
import type { LedgerLine } from './ledger.ts';

const work: Work = { phase: 'apply', step: 's1', host: 'host1', attempt: 1 };
const execution = 'aaaaaa.s1.host1.apply1';
const at = '2026-11-30T21:00:00.000Z';
const begun: RunEvent = { type: 'StepStarted', at, work, before: {}, changes: '', commands: [] };
const succeeded: RunEvent = { type: 'StepSucceeded', at, work, tail: '', sizeBytes: 0, sha256: '' };
const failed: RunEvent = { type: 'StepFailed', at, work, tail: '', cause: 'exit', exit: 3 };
const stopped: RunEvent = { type: 'StepStopped', at, work, alive: [] };
const start: LedgerLine = { execution, is: 'start' };
const end = (exit: number): LedgerLine => ({ execution, is: 'end', exit });

interface Case {
  readonly it: string;
  readonly events: readonly RunEvent[];
  readonly ledger: readonly LedgerLine[];
  readonly living?: readonly string[];
  readonly broken: readonly string[];
}

const cases: readonly Case[] = [
  {
    it: 'a step that ran once and is said to have succeeded',
    events: [begun, succeeded],
    ledger: [start, end(0)],
    broken: [],
  },
  {
    it: 'a step that a host recalled to a log that had forgotten it',
    events: [
      {
        type: 'HostRecalled',
        at,
        host: 'host1',
        begun: [{ work, before: {}, changes: '', commands: [] }],
      },
      succeeded,
    ],
    ledger: [start, end(0)],
    broken: [],
  },
  {
    it: 'two starts of one attempt',
    events: [begun, succeeded],
    ledger: [start, start, end(0)],
    broken: [`doubled: ${execution}`],
  },
  {
    it: 'a start that the log does not know',
    events: [],
    ledger: [start],
    broken: [`lost: ${execution} ran, and the log does not know it`],
  },
  {
    it: 'a success without an end',
    events: [begun, succeeded],
    ledger: [start],
    broken: [`wrong: ${execution} is said to have succeeded, and ended undefined`],
  },
  {
    it: 'a failure of what ended well',
    events: [begun, failed],
    ledger: [start, end(0)],
    broken: [`wrong: ${execution} is said to have failed, and ended well`],
  },
  {
    it: 'a failure that is said never to have begun',
    events: [begun, { ...failed, neverBegan: true }],
    ledger: [start, end(3)],
    broken: [`wrong: ${execution} is said never to have begun, and did`],
  },
  {
    it: 'an end that was not',
    events: [begun, stopped],
    ledger: [start],
    living: [execution],
    broken: [`wrong: ${execution} is said to have ended, and lives`],
  },
];

describe('the judge', () => {
  for (const { it: what, events, ledger, living = [], broken } of cases)
    it(what, () => {
      expect(brokenPromises({ run: 'aaaaaa', events, ledger, living })).toEqual(broken);
    });
});
