import { rollbackPrice } from '../../../../jobs/run/rollback/rollback-price.ts';
import { priceLines } from '../../../../bot/views/rollback/price-lines.ts';
import { describe, expect, it } from '@jest/globals';
import { runCard } from '../../../../bot/views/card/run-card.ts';
import type { RunEvent } from '../../../../jobs/run/events.ts';
import { fold } from '../../../../jobs/run/fold.ts';
import { buttonLabels, confirmOf, drawnMessage } from '../../../support/slack/drawn.ts';
import * as e from '../../../support/runs/events.ts';
import {
  firstGateApproved,
  cardOfEvents,
  hostsChecked,
  twelveComputes,
  stopOnCtl1,
  stopOnCtl2,
  planMark,
  libertyPlan,
  stoppedNova,
  stoppingNova,
  novaSynced,
} from '../../../support/runs/liberty-run.ts';

const back = (host: string) => e.work('stop-nova', host, { phase: 'undo' });

describe('run card', () => {
  it('says of a run under way what runs where, how to get out and what comes next', () => {
    expect(drawnMessage(cardOfEvents(...stoppingNova))).toBe(
      [
        'Restart nova · staging',
        '░░░░░░░░░░░░░░ 0 %  ·  step 1 of 3',
        '*Now*  stop nova on ctl1, ctl2  ·  since 02:00 UTC, 2 min',
        '*Rollback*  to the start: undoes 1 step on ctl1, ctl2',
        '*Next*  asks for 2 approvals before *sync the database* on ctl1',
        `<@UANN> started it 02:00 UTC  ·  <@UBEN> approved 02:00 UTC  ·  run \`7f3a12\`  ·  plan \`${planMark}\`  ·  verification`,
        '[Pause] [Roll back…] [Abort…] [Output]',
      ].join('\n'),
    );
  });

  it('says at which of several hops it is, and nothing of hops where there is one', () => {
    const hops = [
      { from: 'Juno', to: 'Kilo' },
      { from: 'Kilo', to: 'Liberty' },
    ];
    const line = (steps: typeof libertyPlan.steps, ...events: readonly RunEvent[]) =>
      drawnMessage(runCard(e.readyRun(e.planOf(...steps), ...events), e.after(60), 'plain')).split(
        '\n',
      )[1];
    const [kilo, liberty] = hops.map((hop) => e.step(`to-${hop.to}`, { hop }));
    const done = e.succeeded(e.work('to-Kilo'));

    expect(line([kilo!, liberty!])).toContain('0 %  ·  hop 1 of 2, to Kilo  ·  step 1 of 2');
    expect(line([kilo!, liberty!], e.started(e.work('to-Kilo')), done)).toContain(
      'hop 2 of 2, to Liberty  ·  step 2 of 2',
    );
    expect(line([kilo!])).not.toContain('hop');
  });

  it('counts hosts that are checked before anything runs', () => {
    const seen = drawnMessage(cardOfEvents(e.requested(libertyPlan), e.hostReady('ctl1')));

    expect(seen).toContain('*Now*  checking the hosts: 1 of 14 checked');
    expect(seen).toContain('*Rollback*  nothing to undo yet');
  });

  it('says that nothing is started as soon as one host is not ready', () => {
    const seen = drawnMessage(cardOfEvents(e.requested(libertyPlan), e.refused('ctl1')));

    expect(seen).toContain('checked; no answer yet from ctl2, cmp1, cmp2 and 10 more');
    expect(seen).toContain('*Next*  the run ends with nothing started: a host is not ready');
  });

  it('names three hosts and counts the others', () => {
    const running = twelveComputes.map((host) => e.started(e.work('restart', host)));

    expect(drawnMessage(cardOfEvents(...novaSynced, ...running))).toContain(
      'restart nova-compute on cmp1, cmp2, cmp3 and 9 more',
    );
  });

  it('measures progress by hosts, so that a wide step counts for what it is', () => {
    const seen = drawnMessage(cardOfEvents(...novaSynced));

    // 3 of 15 steps on hosts are done.
    expect(seen).toContain('▓▓░░░░░░░░░░░░ 20 %  ·  step 3 of 3');
  });

  it('says where a run waits for approval, and leaves the buttons for it to the approval message', () => {
    const waiting = cardOfEvents(
      ...stoppedNova,
      e.approvalRequested('db-sync'),
      e.gateApproved('db-sync', libertyPlan),
    );

    expect(drawnMessage(waiting)).toContain(
      '*Now*  needs approval of steps 2 to 3, beginning with *sync the database*: 1 of 2 approvals given (<@UBEN>)',
    );
    expect(drawnMessage(waiting)).toContain('types `/upgrade approve 7f3a12`');
    expect(Object.keys(buttonLabels(waiting))).toEqual([
      'run.pause',
      'run.rollback',
      'run.abort',
      'look.output',
    ]);
  });

  it.each([
    ['nothing began', firstGateApproved, 'nothing to undo yet'],
    ['steps began', stoppingNova, 'to the start: undoes 1 step on ctl1, ctl2'],
    ['the last step is one-way', novaSynced, 'not possible: *sync the database* is one-way'],
    [
      'something began after a one-way step',
      [...novaSynced, e.started(e.work('restart', 'cmp1'))],
      'to just after *sync the database*: undoes 1 step on cmp1; *sync the database* is one-way',
    ],
  ])('knows the fix when %s', (_when, events, way) => {
    expect(drawnMessage(cardOfEvents(...events))).toContain(`*Rollback*  ${way}\n`);
  });

  it('says who paused and what Resume goes on with', () => {
    const seen = cardOfEvents(...stoppedNova, e.paused('UCHIE'));

    expect(drawnMessage(seen)).toContain('*Now*  paused by <@UCHIE> 02:00 UTC');
    expect(drawnMessage(seen)).toContain('*Next*  Resume goes on with *sync the database*');
    expect(confirmOf(seen, 'run.resume')).toContain('goes on from "sync the database"');
  });

  it('counts backwards while it rolls back', () => {
    const seen = drawnMessage(
      cardOfEvents(
        ...stoppingNova,
        e.succeeded(stopOnCtl1),
        e.failed(stopOnCtl2),
        e.rollbackRequested('stop-nova'),
        e.started(back('ctl1')),
      ),
    );

    expect(seen).toContain('↩ Restart nova · staging');
    expect(seen).toContain('0 %  ·  undoing 1 of 1');
    expect(seen).toContain('*Now*  undoing *stop nova* on ctl1');
    expect(seen).toContain('*Rollback*  under way, to the start: undoes 1 step on ctl1, ctl2');
  });

  it('says before a rollback what it undoes, in its order, and what it cannot', () => {
    const seen = cardOfEvents(...novaSynced, e.started(e.work('restart', 'cmp1')));

    // Its window says it, and takes what has to be typed.
    expect(confirmOf(seen, 'run.rollback')).toBeUndefined();
    const price = rollbackPrice(
      fold(e.inOrder(...novaSynced, e.started(e.work('restart', 'cmp1')))),
    );
    expect(price && priceLines(price, { now: e.after(60) })).toEqual(
      expect.arrayContaining([
        'Stays as it is: sync the database',
        '1 step on 1 host, last to first',
      ]),
    );
  });

  it('ends with the outcome in words, how long, who, and how often it was tried again', () => {
    const again = e.work('stop-nova', 'ctl2', { attempt: 2 });
    const restarted = twelveComputes.flatMap((host) => [
      e.atSecond(50, e.started(e.work('restart', host))),
      e.atSecond(60, e.succeeded(e.work('restart', host))),
    ]);
    const seen = cardOfEvents(
      ...stoppingNova,
      e.succeeded(stopOnCtl1),
      e.failed(stopOnCtl2),
      e.retryRequested({ phase: 'apply', step: 'stop-nova', hosts: ['ctl2'] }, 'UDAN'),
      e.started(again),
      e.succeeded(again),
      ...novaSynced.slice(stoppedNova.length),
      ...restarted,
      e.atSecond(95, e.runEnded('succeeded')),
    );

    expect(drawnMessage(seen)).toContain(
      [
        '✓ Restart nova · staging',
        '▓▓▓▓▓▓▓▓▓▓▓▓▓▓ 100 %  ·  step 3 of 3',
        '*Succeeded*  ·  02:01 UTC, after 95 s',
        '<@UANN>, <@UBEN>, <@UCHIE>  ·  1 retry  ·  0 skips',
      ].join('\n'),
    );
  });

  it('says after a rollback what was undone, in which order', () => {
    const seen = cardOfEvents(
      ...stoppingNova,
      e.succeeded(stopOnCtl1),
      e.failed(stopOnCtl2),
      e.rollbackRequested('stop-nova'),
      ...['ctl1', 'ctl2'].flatMap((host) => [e.started(back(host)), e.succeeded(back(host))]),
      e.runEnded('rolledBack'),
    );

    expect(drawnMessage(seen)).toContain('Undone, in this order:\n↩ stop nova on ctl1, ctl2\n');
    expect(drawnMessage(seen)).toContain('start again: `/upgrade run staging restart-nova`');
  });

  it('gives the reason of a rejection that ended the run', () => {
    const seen = cardOfEvents(
      ...hostsChecked,
      e.approvalRequested('stop-nova'),
      e.rejected('stop-nova', 'not <!here> now', 'UCHIE'),
      e.runEnded('rejected'),
    );

    expect(drawnMessage(seen)).toContain('*Rejected, nothing was run*');
    expect(drawnMessage(seen)).toContain('<@UCHIE> said: not &lt;!here&gt; now');
  });

  it("writes times for the reader's own clock where Slack can", () => {
    const seen = runCard(fold(e.inOrder(...stoppingNova)), e.after(120));

    expect(drawnMessage(seen)).toContain('started it <!date^1795312800^{time}|02:00 UTC>');
  });
});
