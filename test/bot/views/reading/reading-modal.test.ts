import { describe, expect, it } from '@jest/globals';
import type { ModalView } from '@slack/types';
import { checkModalLimits } from '../../../../bot/views/limits.ts';
import { readingModal } from '../../../../bot/views/reading/reading-modal.ts';
import { fold } from '../../../../jobs/run/fold.ts';
import * as e from '../../../support/runs/events.ts';
import { buttonLabels, drawnMessage } from '../../../support/slack/drawn.ts';
import { knownCloud } from '../../../support/slack/known-cloud.ts';

const steps = Array.from({ length: 150 }, (_, index) =>
  e.step(`s${index}`, {
    kind: 'command',
    params: { run: [`program-${index}`, 'x'.repeat(60)] },
    hosts: [index % 2 === 0 ? 'ctl1' : 'cmp1'],
  }),
);
const plan = e.planOf(...steps);
const run = fold(e.inOrder(e.requested(plan), e.approvalRequested('s0')));
const known = knownCloud(['UBEN']);
const page = (number: number): ModalView => readingModal(run, 's0', { page: number, known });

describe('the window with all that an approval lets happen', () => {
  it('has every step on one of its pages, and leads from page to page', () => {
    const first = page(1);
    const [, pages = '0'] = /page 1 of (\d+)/.exec(drawnMessage(first)) ?? [];
    expect(Number(pages)).toBeGreaterThan(1);
    const all = Array.from({ length: Number(pages) }, (_, index) => page(index + 1));

    for (const view of all) checkModalLimits(view);
    const text = all.map(drawnMessage).join('\n');
    for (const [index] of steps.entries()) expect(text).toContain(`program-${index} `);
    expect(Object.values(buttonLabels(first))).toEqual(['On to page 2']);
    expect(Object.values(buttonLabels(all.at(-1) ?? first))).toEqual([
      `Back to page ${Number(pages) - 1}`,
    ]);
  });

  it('shows the last page to whoever asks for one beyond it', () => {
    expect(drawnMessage(page(99))).toMatch(/page (\d+) of \1/);
  });
});
