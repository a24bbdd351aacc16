import { describe, expect, it } from '@jest/globals';
import { checkModalLimits } from '../../../bot/views/limits.ts';
import { type OutputAsked, outputModal } from '../../../bot/views/output/output-modal.ts';
import { fold } from '../../../jobs/run/fold.ts';
import { drawnMessage } from '../../support/slack/drawn.ts';
import * as e from '../../support/runs/events.ts';

const plan = e.planOf(e.step('stop', { hosts: ['ctl1', 'ctl2'] }));
const [one, two] = [e.work('stop'), e.work('stop', 'ctl2')];
const begun = [
  e.requested(plan),
  e.hostReady('ctl1'),
  e.hostReady('ctl2'),
  e.approvalRequested('stop'),
  e.gateApproved('stop', plan),
  e.started(one),
  e.started(two),
];
const failed = fold(e.inOrder(...begun, e.failed(one)));
const running = fold(e.inOrder(...begun));

const window = (run: typeof failed, output: string, asked: Partial<OutputAsked> = {}) => {
  const view = outputModal(run, { ...one, query: '', ...asked }, output);
  checkModalLimits(view);
  const blocks = view.blocks.filter(({ type }) => type !== 'input');
  return drawnMessage({ blocks });
};
const long = Array.from({ length: 2000 }, (_, nth) => `line ${nth} of apt`).join('\n');

describe('the window of an output', () => {
  it('opens at the line that says why, and marks it', () => {
    const seen = window(failed, `${long}\nE: no space left on device\n${long}`);

    expect(seen).toContain('*Why*  `E: no space left on device`');
    expect(seen).toContain('\n▶ `E: no space left on device`');
    expect(seen).toMatch(/page \d+ of \d+/);
  });

  it('opens at the end of what still runs', () => {
    const seen = window(running, long);

    expect(seen).toContain('`line 1999 of apt`');
    expect(seen).toContain('running: goes on here by itself');
    expect(seen).not.toContain('*Why*');
  });

  it('turns its pages', () => {
    expect(window(running, long, { page: 1 })).toContain('`line 0 of apt`');
    expect(window(running, long, { page: 999 })).toContain('`line 1999 of apt`');
  });

  it('shows the lines that hold what was typed', () => {
    const seen = window(running, long, { query: 'LINE 199' });

    expect(seen).toContain('11 lines with `LINE 199`');
    expect(seen).toContain('`line 199 of apt`\n`line 1990 of apt`');
    expect(window(running, long, { query: 'pears' })).toContain('no output');
  });

  it('masks secrets, and draws nothing that Slack would read', () => {
    const seen = window(running, 'password=hunter2\nand <!here>\n');

    expect(seen).not.toContain('hunter2');
    expect(seen).toContain('&lt;!here&gt;');
  });

  it('leads to what began before and after on the same run', () => {
    expect(window(running, 'x')).toMatch(/\[What began after\].*\[All of it as a file\]/);
    expect(window(running, 'x', two)).toContain('[What began before]');
  });
});
