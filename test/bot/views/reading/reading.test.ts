import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { mostSummaryCharacters } from '../../../../bot/views/plan/approval.ts';
import { approvalFile } from '../../../../bot/views/plan/approval-thread.ts';
import { checkMessageLimits, checkModalLimits } from '../../../../bot/views/limits.ts';
import { mostReadingCharacters, readingRows } from '../../../../bot/views/reading/messages.ts';
import { readingModal } from '../../../../bot/views/reading/reading-modal.ts';
import { readPlan } from '../../../../jobs/reading/reading.ts';
import { anyPlan } from '../../../support/runs/any-plan.ts';
import { knownCloud } from '../../../support/slack/known-cloud.ts';
import { approvalsOf, readingCharacters, summaryCharacters } from './approvals-of.ts';

const known = knownCloud(['UBEN']);
const count = (
  all: readonly { readonly apply: readonly unknown[]; readonly hosts: readonly string[] }[],
) => all.reduce((sum, { apply, hosts }) => sum + apply.length * hosts.length, 0);

describe('the reading of any plan', () => {
  it('accounts for every command on every host in one of its rows, however much is left out of them', () => {
    fc.assert(
      fc.property(anyPlan, (plan) => {
        const { parts } = readPlan(plan);
        const { rows, lines } = readingRows(
          parts.map((part, index) => ({ part, earlier: parts.slice(0, index) })),
        );

        expect(rows.flatMap(({ steps }) => steps).toSorted((a, b) => a - b)).toEqual(
          plan.steps.map((_step, index) => index + 1),
        );
        expect(rows.reduce((sum, { commands }) => sum + commands, 0)).toBe(count(plan.steps));
        for (const { text } of rows) expect(lines).toContain(text);
      }),
      { numRuns: 25 },
    );
  });

  it('is short at every approval, takes two messages at most, and Slack takes all of it', () => {
    fc.assert(
      fc.property(anyPlan, (plan) => {
        for (const one of approvalsOf(plan, known)) {
          expect(summaryCharacters(one)).toBeLessThanOrEqual(mostSummaryCharacters);
          expect(one.reading.length).toBeLessThanOrEqual(2);
          expect(readingCharacters(one.reading)).toBeLessThanOrEqual(mostReadingCharacters);
          for (const message of [one.message, ...one.reading]) checkMessageLimits(message);
          for (const page of [1, 2, 99])
            checkModalLimits(readingModal(one.run, one.gate, { page, known }));
        }
      }),
      { numRuns: 12 },
    );
  });

  it('has every command of every step with all of its hosts in the file of its approval', () => {
    fc.assert(
      fc.property(anyPlan, (plan) => {
        const approvals = approvalsOf(plan, known);
        const steps = approvals
          .map(({ run, gate }) => approvalFile(run, gate, run.requestedAt).content)
          .flatMap((content) => content.split(/^(?=### \d+\. )/m).slice(1));

        expect(steps).toHaveLength(plan.steps.length);
        for (const [index, { hosts, apply }] of plan.steps.entries()) {
          const [head = ''] = /^on .*|.* · on .*$/m.exec(steps[index] ?? '') ?? [];
          expect(head).toContain(hosts.join(', '));
          const [own = ''] = (steps[index] ?? '').split(/^## /m);
          expect(own.match(/^ {4}sudo -n -- /gm) ?? []).toHaveLength(apply.length);
        }
      }),
      { numRuns: 12 },
    );
  });
});
