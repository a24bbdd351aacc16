import { describe, expect, it } from '@jest/globals';
import { checkModalLimits } from '../../../../bot/views/limits.ts';
import { diffsModal } from '../../../../bot/views/reading/diffs-modal.ts';
import { fold } from '../../../../jobs/run/fold.ts';
import type { FileDiff } from '../../../../openstack/upgrade/file-diffs.ts';
import * as e from '../../../support/runs/events.ts';
import { drawnMessage } from '../../../support/slack/drawn.ts';

const run = fold(e.inOrder(e.requested(e.planOf(e.step('write'))), e.approvalRequested('write')));
const drawn = (page: number, ...diffs: FileDiff[]): string => {
  const view = diffsModal(run, { gate: 'write', page }, diffs);
  checkModalLimits(view);
  return drawnMessage(view);
};
const diff: FileDiff = {
  step: 1,
  says: 'write /etc/a.conf',
  hosts: ['ctl1', 'ctl2'],
  changes: '--- /etc/a.conf\n+++ /etc/a.conf\n@@ -1 +1,2 @@\n-x = <1>\n+x = 2\n+y = `z`',
};

describe('the window with what becomes of files', () => {
  it('counts lines, and shows them escaped', () => {
    const seen = drawn(1, diff);

    expect(seen).toContain('1 change of files, +2 −1 lines; secrets are masked');
    expect(seen).toContain('*1  write /etc/a.conf* · on ctl1, ctl2 · +2 −1');
    expect(seen).toContain('`-x = &lt;1&gt;`\n`+x = 2`\n`+y = ˋzˋ`');
  });

  it('says where nothing changes, and what was not seen', () => {
    const { changes: _changes, ...unseen } = diff;
    const seen = drawn(1, { ...diff, changes: '' }, { ...unseen, problem: 'no answer' });

    expect(seen).toContain('on ctl1, ctl2 · nothing changes');
    expect(seen).toContain('on ctl1, ctl2 · not seen: no answer');
  });

  it('takes pages for long ones, and none that Slack refuses', () => {
    const changes = Array.from({ length: 300 }, (_, index) => `+${index} ${'x'.repeat(390)}`);
    const long = { ...diff, changes: changes.join('\n') };

    expect(drawn(1, long)).toContain('On to page 2');
    const last = drawn(99, long);
    expect(last).toContain('… and 180 more lines; the whole file is in the thread');
    expect(last).toMatch(/page (\d+) of \1/);
  });
});
