import { describe, expect, it } from '@jest/globals';
import { threadLines } from '../../../../bot/views/thread/thread.ts';
import type { RunEvent } from '../../../../jobs/run/events.ts';
import { drawnMessage } from '../../../support/slack/drawn.ts';
import * as e from '../../../support/runs/events.ts';

const road = e.planOf(
  e.step('stop-nova', { title: 'stop nova', hosts: ['ctl1', 'ctl2'] }),
  e.step('look', { title: 'look at HAProxy', doer: 'person', apply: [] }),
);
const ctl1 = e.work('stop-nova', 'ctl1');
const ctl2 = e.work('stop-nova', 'ctl2');
const begun = [
  e.requested(road),
  e.hostReady('ctl1'),
  e.hostReady('ctl2'),
  e.approvalRequested('stop-nova'),
  e.gateApproved('stop-nova', road),
  e.started(ctl1),
  e.started(ctl2),
];

const lines = (...events: readonly RunEvent[]) =>
  threadLines(e.inOrder(...events), { dates: 'plain' });
const last = (...events: readonly RunEvent[]) => lines(...events).at(-1);
const text = (...events: readonly RunEvent[]) => drawnMessage(last(...events) ?? { blocks: [] });

describe('thread of a run', () => {
  it('begins with the plan and who approved it', () => {
    expect(lines(...begun.slice(0, -2)).map(drawnMessage)).toEqual([
      expect.stringMatching(
        /^\*Plan\* `\w{6}`: 2 steps\n· 1\. stop nova `stop-nova` on ctl1, ctl2 · 1 approval before it\n· 2\. look at HAProxy/,
      ),
      expect.stringMatching(
        /^<@UBEN> approved steps 1 to 2, beginning with \*stop nova\* {2}· {2}plan `\w{6}`$/,
      ),
    ]);
  });

  it('has one entry a stage that says how far it is, and then how long it took', () => {
    const done = e.atSecond(17, e.succeeded(ctl1, 'one\ntwo <!here>\n'));

    expect(text(...begun)).toBe(
      '▸ *1*  stop nova  ·  0 of 2 done\nNow  stop nova on ctl1, ctl2 since 02:00 UTC\n[Output]',
    );
    expect(text(...begun, done)).toBe(
      '▸ *1*  stop nova  ·  1 of 2 done\nNow  stop nova on ctl2 since 02:00 UTC\nctl1:\n`one`\n`two &lt;!here&gt;`\n[Output]',
    );
    expect(text(...begun, done, e.atSecond(31, e.succeeded(ctl2, '')))).toMatch(
      /^✓ \*1\* {2}stop nova {2}· {2}ctl1, ctl2 {2}· {2}2\d s\n/,
    );
    expect(lines(...begun, done)).toHaveLength(lines(...begun).length);
  });

  it('says of long output that it is the end', () => {
    const done = e.succeeded(ctl1, 'last\n', 4_200_000);

    expect(text(...begun, done)).toContain('`last`\nthe end of 4 MiB of output');
  });

  it('shows what a terminal would have shown', () => {
    const output = '\u001b[32mok\u001b[0m\n10 %\r 50 %\r100 %\r\nend';

    expect(text(...begun, e.succeeded(ctl1, output))).toContain('`ok`\n`100 %`\n`end`');
  });

  it('shows what a step changed', () => {
    const started = e.started(ctl1, { changes: 'nova-api: active → inactive' });
    const events = [...begun.slice(0, -2), started, e.succeeded(ctl1, '')];

    expect(text(...events)).toContain('`nova-api: active → inactive`');
  });

  it('says "unchanged" of work that was done already', () => {
    expect(text(...begun.slice(0, -2), e.unchanged(ctl1), e.unchanged(ctl2))).toBe(
      '✓ *1*  stop nova  ·  ctl1, ctl2\n2 of 2 were as they should be',
    );
  });

  it('shows a failure with its last lines', () => {
    const first = last(...begun, e.failed(ctl1));

    expect(drawnMessage(first ?? { blocks: [] })).toBe(
      '✗ *stop nova* on ctl1  ·  exit 100  ·  2 s\n`do stop-nova`\nno space left\n`E: no space left on device`',
    );
    expect(first).toMatchObject({ key: 'apply.stop-nova.ctl1.1.failed' });
  });

  it('tells hosts that fail one after the other in one entry, and keeps all that it said', () => {
    const one = lines(...begun, e.failed(ctl1));
    const both = lines(...begun, e.failed(ctl1), e.failed(ctl2));

    expect(both.map(({ key }) => key)).toEqual(one.map(({ key }) => key));
    expect(drawnMessage(both.at(-1) ?? { blocks: [] })).toContain(
      drawnMessage(one.at(-1) ?? { blocks: [] }),
    );
    expect(drawnMessage(both.at(-1) ?? { blocks: [] })).toContain('✗ *stop nova* on ctl2');
  });

  it('says who tried again, and that it took another attempt', () => {
    const events = [
      ...begun,
      e.failed(ctl1),
      e.retryRequested({ phase: 'apply', step: 'stop-nova', hosts: ['ctl1'] }),
      e.started(e.work('stop-nova', 'ctl1', { attempt: 2 })),
      e.succeeded(e.work('stop-nova', 'ctl1', { attempt: 2 })),
    ];

    expect(text(...events)).toBe('<@UBEN> asked for another attempt at *stop nova* on ctl1');
    expect(drawnMessage(lines(...events)[2] ?? { blocks: [] })).toContain(
      '\n1 took another attempt\n',
    );
  });

  it('says nothing of an attempt that is over', () => {
    const retried = [
      ...begun,
      e.failed(ctl1),
      e.retryRequested({ phase: 'apply', step: 'stop-nova', hosts: ['ctl1'] }),
    ];

    expect(lines(...retried, e.succeeded(ctl1))).toEqual(lines(...retried));
  });

  it('says who skipped what and why', () => {
    const skip = e.skipRequested(
      { phase: 'apply', step: 'stop-nova', hosts: ['ctl1'] },
      'ctl1 is <gone>',
    );

    expect(text(...begun, e.failed(ctl1), skip)).toBe(
      '<@UBEN> skipped *stop nova* on ctl1: ctl1 is &lt;gone&gt;',
    );
  });

  it('says that a step was re-attached and not run twice', () => {
    expect(text(...begun, e.linkWasLost(ctl1), e.atSecond(90, e.reattached(ctl1)))).toBe(
      '*stop nova* on ctl1: re-attached 02:01 UTC at byte 4096 (the link was lost), nothing was run twice',
    );
  });

  it('says of a rollback what was restored', () => {
    const undo = e.work('stop-nova', 'ctl1', { phase: 'undo' });
    const back = [...begun, e.failed(ctl1), e.rollbackRequested('stop-nova'), e.started(undo)];

    expect(text(...back.slice(0, -1))).toBe('↩ <@UBEN> rolls the run back to before *stop nova*');
    expect(text(...back)).toMatch(/^▸ \*1\* {2}undoing: stop nova {2}· {2}0 of 2 done\n/);
    const other = { ...undo, host: 'ctl2' };
    expect(text(...back, e.succeeded(undo, ''), e.unchanged(other))).toBe(
      '✓ *1*  undone: stop nova  ·  ctl1, ctl2  ·  2 s\n1 of 2 had nothing to put back\n[Output]',
    );
  });

  it('leaves what was said of a stage as it is once the run has gone back, and tells it anew', () => {
    const undo = e.work('stop-nova', 'ctl1', { phase: 'undo' });
    const undo2 = { ...undo, host: 'ctl2' };
    const there = [...begun, e.succeeded(ctl1), e.succeeded(ctl2)];
    const back = [e.rollbackRequested('stop-nova'), e.unchanged(undo), e.unchanged(undo2)];
    const anew = e.started(e.work('stop-nova', 'ctl1', { attempt: 2 }));
    const again = [...there, ...back, e.rewound('stop-nova'), anew];

    const stages = (...events: readonly RunEvent[]) =>
      lines(...events).filter(({ key }) => key.startsWith('stage.'));
    expect(stages(...again).map(({ key }) => key)).toEqual([
      'stage.apply.0.stop-nova',
      'stage.undo.0.1.stop-nova',
      'stage.apply.1.stop-nova',
    ]);
    expect(stages(...again)[0]).toEqual(stages(...there)[0]);
  });

  it('keeps the proof of a person', () => {
    const asked = e.personAsked(e.work('look'));

    expect(text(...begun, asked, e.proofGiven(e.work('look'), 'ctl1 UP\nctl2 DRAIN'))).toBe(
      '✓ *look at HAProxy* on ctl1: <@UBEN> did it\n`ctl1 UP`\n`ctl2 DRAIN`',
    );
  });

  it('says only what an abort verified', () => {
    const aborting = [...begun, e.abortRequested()];

    expect(text(...aborting, e.stopped(ctl1))).toBe(
      '■ *stop nova* on ctl1: ended, nothing of it runs any more',
    );
    expect(text(...aborting, e.stopped(ctl1, [{ pid: 7, command: 'dpkg' }]))).toBe(
      '? *stop nova* on ctl1: still alive on ctl1: pid 7 (dpkg)',
    );
  });

  it('ends with the outcome', () => {
    expect(last(...begun, e.atSecond(3700, e.runEnded('succeeded')))).toMatchObject({
      text: '✓ Run `7f3a12` succeeded, after 1 h 2 min',
    });
  });
});
