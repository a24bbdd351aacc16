import { describe, expect, it } from '@jest/globals';
import {
  textAnswer,
  askedAnswer,
  doneAnswer,
  errorAnswer,
  problemAnswer,
  refusedAnswer,
  startedAnswer,
} from '../../../bot/views/answers.ts';
import { ButtonValue } from '../../../bot/views/button-value.ts';
import { helpMessage } from '../../../bot/views/help.ts';
import { stepLog } from '../../../bot/views/log.ts';
import { MODAL_INPUT, wordsModal } from '../../../bot/views/modals.ts';
import { runList, runStatus } from '../../../bot/views/status.ts';
import { parseUpgradeLine } from '../../../bot/commands/index.ts';
import { fold } from '../../../jobs/run/fold.ts';
import { buttonLabels, drawnMessage } from '../../support/slack/drawn.ts';
import * as e from '../../support/runs/events.ts';

const road = e.planOf(e.step('stop-nova', { gate: 2 }), e.step('db-sync'));
const asked = [e.requested(road), e.hostReady('ctl1'), e.approvalRequested('stop-nova')];
const approved = [
  ...asked,
  e.gateApproved('stop-nova', road),
  e.gateApproved('stop-nova', road, 'UCHIE'),
];
const work = e.work('stop-nova');
const failed = [...approved, e.started(work), e.failed(work)];

describe('answers', () => {
  it('say what was done and where the run stands', () => {
    const run = fold([...asked, e.gateApproved('stop-nova', road)]);

    expect(doneAnswer(run, { name: 'approve' }).text).toBe(
      'Approved. Run 7f3a12 needs approval of steps 1 to 2, beginning with "stop nova". 1 of 2 approvals are given.',
    );
  });

  it('do not speak of approval before it was asked for', () => {
    const checking = fold([e.requested(road)]);

    expect(doneAnswer(checking, { name: 'pause' }).text).toContain(
      'Run 7f3a12 is checking its hosts; it asks for approval after that.',
    );
  });

  it('say who may, when this person may not', () => {
    const refused = {
      refused: 'notAllowed',
      reason: 'only approvers of staging can approve or reject',
    } as const;

    expect(refusedAnswer(refused, { who: ['UBEN', 'S0LEADS'] }).text).toBe(
      'Nothing was done: only approvers of staging can approve or reject\nThese can: <@UBEN>, <!subteam^S0LEADS>',
    );
  });

  it('say who was faster, and when', () => {
    const reason = 'UBEN did that already, at 2026-11-22T02:13:00.000Z';
    const people = ['UBEN'];

    expect(
      refusedAnswer({ refused: 'already', reason, people }, { dates: 'plain', who: ['UBEN'] }).text,
    ).toBe('Nothing was done: <@UBEN> did that already, at 02:13 UTC');
  });

  it('give an error with its hint', () => {
    const error = { message: 'there is no run <x>', hint: 'see them with: /upgrade status' };

    expect(errorAnswer(error).text).toBe(
      'Nothing was done: there is no run &lt;x&gt;\nsee them with: /upgrade status',
    );
  });

  it('show how a line is written as code', () => {
    const read = parseUpgradeLine('skip 7f3a12');

    expect('problem' in read && problemAnswer(read).text).toBe(
      'REASON is missing.\n`/upgrade skip RUN REASON`\nFor example: /upgrade skip 7f3a12 cmp3 is being replaced',
    );
  });

  it('say where a new run is to be seen', () => {
    expect(startedAnswer(fold(asked)).text).toBe(
      'Restart nova · staging is under way as run `7f3a12`: its card is in <#C0STAGING>. The hosts are checked first; then the approvers are asked.',
    );
  });

  it('promise of "ask now" only a look', () => {
    expect(askedAnswer(fold(approved)).text).toBe(
      'Asking again right away; nothing is run a second time. Run 7f3a12 is running.',
    );
  });

  it('keep lines of several', () => {
    expect(textAnswer('one\n/upgrade status').text).toBe('one\n`/upgrade status`');
  });
});

describe('status', () => {
  it('lists runs with their state, newest first as given', () => {
    const runs = [fold(asked), fold([...failed, e.abortRequested(), e.runEnded('aborted')])];

    expect(drawnMessage(runList(runs, e.after(60), 'plain'))).toBe(
      [
        '`7f3a12` Restart nova · staging  ·  needs approval of steps 1 to 2, beginning with "stop nova"  ·  <@UANN> 02:00 UTC',
        '■ `7f3a12` Restart nova · staging  ·  aborted  ·  <@UANN> 02:00 UTC',
        'One of them: `/upgrade status 7f3a12`',
      ].join('\n'),
    );
  });

  it('says how to start the first run', () => {
    expect(runList([], e.after(0)).text).toContain('`/upgrade run CLOUD RUNBOOK`');
  });

  it('of one run is its card without buttons, and every step', () => {
    const seen = runStatus(fold(failed), e.after(60), 'plain');

    expect(buttonLabels(seen)).toEqual({});
    expect(drawnMessage(seen)).toContain('*✗ Failed: stop nova, on ctl1*');
    expect(drawnMessage(seen)).toContain(
      '✗ 1. stop nova `stop-nova` on ctl1 · 2 approvals before it',
    );
    expect(drawnMessage(seen)).toContain('· 2. db sync `db-sync` on ctl1');
  });
});

const log = (output: string | undefined) =>
  drawnMessage(stepLog(fold(failed), { step: 'stop-nova', host: 'ctl1', output }));

describe('log', () => {
  it('shows short output whole', () => {
    expect(log('one\n\u001b[1mtwo\u001b[0m <3\n')).toBe(
      '*stop nova on ctl1*  ·  failed  ·  attempt 1\n`one`\n`two &lt;3`',
    );
  });

  it('shows no secret that a program printed', () => {
    expect(log('rabbit_password = pa55word\n')).toContain('`rabbit_password = [REDACTED]`');
  });

  it('shows the beginning and the end of long output, and how much is left out', () => {
    const seen = log(Array.from({ length: 3000 }, (_, index) => `line ${index}`).join('\n'));

    expect(seen).toContain('`line 0`');
    expect(seen).toContain('`line 2999`');
    expect(seen).toMatch(/… 2\d\d\d lines left out …/);
  });

  it.each([undefined, '', '\n'])('says when there is none', (output) => {
    expect(log(output)).toContain('\nno output');
  });
});

describe('help', () => {
  it('lists every word with what it takes', () => {
    const seen = drawnMessage(helpMessage());

    expect(seen).toContain(
      '`/upgrade rollback RUN [STEP] [confirm PHRASE] [because REASON]`  undo what',
    );
    expect(seen).toContain('`/upgrade log RUN STEP [HOST] [whole]`  what a step printed');
  });

  it('explains one word with an example', () => {
    expect(helpMessage('skip').text).toBe(
      '`/upgrade skip RUN REASON`  go on without the step that failed\nThe reason stays in the log of the run.\nFor example: `/upgrade skip 7f3a12 cmp3 is being replaced`',
    );
  });

  it('explains a word that was renamed by its new name', () => {
    expect(helpMessage('way').text).toMatch(/^`\/upgrade fix RUN NUMBER` /);
  });

  it('knows what was probably meant', () => {
    expect(helpMessage('<skp>').text).toContain('"&lt;skp&gt;". ');
    expect(helpMessage('skp').text).toContain('Did you mean skip?');
  });
});

describe('modals', () => {
  const value = { run: '7f3a12', seen: 'a.stop-nova.ctl1.1' };

  it('carry what the button carried, so that a submit is judged as the press', () => {
    const modal = wordsModal('skip', value);

    expect(modal.callback_id).toBe('run.skip');
    expect(ButtonValue.parse(JSON.parse(modal.private_metadata ?? ''))).toEqual(value);
    expect(modal.blocks.at(-1)).toMatchObject({
      block_id: MODAL_INPUT.block,
      element: { action_id: MODAL_INPUT.action },
    });
  });

  it('say what the words are for, with the step where the run is at hand', () => {
    expect(drawnMessage(wordsModal('skip', value, { run: fold(failed) }))).toContain(
      'Run `7f3a12` goes on without the step that failed: *stop nova* on ctl1.',
    );
    expect(drawnMessage(wordsModal('reject', value))).toContain('Why not?');
    expect(drawnMessage(wordsModal('done', value))).toContain('What shows that it is done?');
    const phrase = { ...value, choice: 'prod keeps move-rows' };
    expect(drawnMessage(wordsModal('rollback', phrase))).toContain('Type: prod keeps move-rows');
  });
});
