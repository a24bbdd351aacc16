import { describe, expect, it } from '@jest/globals';
import { runCard } from '../../../bot/views/run-card.ts';
import type { RunEvent } from '../../../jobs/events.ts';
import { fold } from '../../../jobs/fold.ts';
import { buttons, confirmOf, drawn } from '../../support/drawn.ts';
import * as e from '../../support/events.ts';

const computes = Array.from({ length: 12 }, (_, index) => `cmp${index + 1}`);

const road = e.plan(
  e.step('stop-nova', { title: 'stop nova', hosts: ['ctl1', 'ctl2'] }),
  e.step('db-sync', { title: 'sync the database', exit: 'oneWay', gate: 2 }),
  e.step('restart', { title: 'restart nova-compute', hosts: computes, batch: 12 }),
);
const hosts = ['ctl1', 'ctl2', ...computes];
const checked = [e.requested(road), ...hosts.map(e.ready)];
const approved = [...checked, e.approvalRequested('stop-nova'), e.approved('stop-nova', road)];
const ctl1 = e.work('stop-nova', 'ctl1');
const ctl2 = e.work('stop-nova', 'ctl2');
const stopping = [...approved, e.started(ctl1), e.started(ctl2)];
const stoppedNova = [...stopping, e.succeeded(ctl1), e.succeeded(ctl2)];
const synced = [
  ...stoppedNova,
  e.approvalRequested('db-sync'),
  e.approved('db-sync', road, 'UBEN'),
  e.approved('db-sync', road, 'UCHIE'),
  e.started(e.work('db-sync')),
  e.succeeded(e.work('db-sync')),
];

const card = (...events: readonly RunEvent[]) =>
  runCard(fold(e.inOrder(...events)), e.after(120), 'plain');

describe('run card', () => {
  it('says of a run under way what runs where, how to get out and what comes next', () => {
    expect(drawn(card(...stopping))).toBe(
      [
        'Restart nova · staging',
        '░░░░░░░░░░░░░░ 0 %  ·  step 1 of 3',
        '*Now*  *stop nova* on ctl1, ctl2  ·  since 02:00 UTC, 2 min',
        '*Way out*  back to the start: undoes 1 step on ctl1, ctl2',
        '*Next*  asks for 2 approvals before *sync the database* on ctl1',
        `<@UANN> started it 02:00 UTC  ·  <@UBEN> approved 02:00 UTC  ·  run \`7f3a12\`  ·  plan \`${planMark}\`  ·  verification`,
        '[Pause] [Roll back…] [Abort…] [Output]',
      ].join('\n'),
    );
  });

  it('counts hosts that are checked before anything runs', () => {
    const seen = drawn(card(e.requested(road), e.ready('ctl1')));

    expect(seen).toContain('*Now*  checking the hosts: 1 of 14 looked at');
    expect(seen).toContain('*Way out*  nothing to undo yet');
  });

  it('names three hosts and counts the others', () => {
    const running = computes.map((host) => e.started(e.work('restart', host)));

    expect(drawn(card(...synced, ...running))).toContain(
      '*restart nova-compute* on cmp1, cmp2, cmp3 and 9 more',
    );
  });

  it('measures progress by hosts, so that a wide step counts for what it is', () => {
    const seen = drawn(card(...synced));

    // 3 of 15 steps on hosts are done.
    expect(seen).toContain('▓▓░░░░░░░░░░░░ 20 %  ·  step 3 of 3');
  });

  it('says where a run waits for approval, and leaves the buttons for it to the approval message', () => {
    const waiting = card(
      ...stoppedNova,
      e.approvalRequested('db-sync'),
      e.approved('db-sync', road),
    );

    expect(drawn(waiting)).toContain(
      '*Now*  waits for approval before *sync the database*: 1 of 2 given (<@UBEN>)',
    );
    expect(drawn(waiting)).toContain('types `/upgrade approve 7f3a12`');
    expect(Object.keys(buttons(waiting))).toEqual([
      'run.pause',
      'run.rollback',
      'run.abort',
      'run.log',
    ]);
  });

  it.each([
    ['nothing began', approved, 'nothing to undo yet'],
    ['steps began', stopping, 'back to the start: undoes 1 step on ctl1, ctl2'],
    ['the last step is one-way', synced, 'no way back: *sync the database* is one-way'],
    [
      'something began after a one-way step',
      [...synced, e.started(e.work('restart', 'cmp1'))],
      'back to just after *sync the database*: undoes 1 step on cmp1; *sync the database* is one-way',
    ],
  ])('knows the way out when %s', (_when, events, way) => {
    expect(drawn(card(...events))).toContain(`*Way out*  ${way}\n`);
  });

  it('says that a link is lost and that nothing is run twice, and offers to ask now', () => {
    const lost = card(...stopping, e.linkLost(ctl1));

    expect(drawn(lost)).toContain('*Link*  lost to ctl1 since 02:00 UTC; asked again');
    expect(buttons(lost)).toMatchObject({ 'run.ask': 'Ask now' });
  });

  it('still says "re-attached" when the step is long over and the run has ended', () => {
    const ended = card(
      ...stopping,
      e.linkLost(ctl1),
      e.at(95, e.reattached(ctl1)),
      e.at(96, e.succeeded(ctl1)),
      e.at(96, e.succeeded(ctl2)),
      e.at(97, e.abortRequested()),
      e.at(98, e.runEnded('aborted')),
    );

    expect(drawn(ended)).toContain('re-attached 02:01 UTC on ctl1, nothing was run twice');
    expect(buttons(ended)).not.toHaveProperty('run.ask');
  });

  it('shows a failure with its command, exit code, duration, last lines and ways on', () => {
    const broken = card(
      ...stopping,
      e.succeeded(ctl1),
      e.at(60, e.failed(ctl2, { tail: 'Reading lists\nE: no space left on <dev>\n' })),
    );

    expect(drawn(broken)).toContain(
      [
        '*✗ Failed: stop nova, on ctl2*  ·  exit 100 after 42 s',
        '`do stop-nova`',
        'no space left',
        '`Reading lists`',
        '`E: no space left on &lt;dev&gt;`',
        '*You can*  make room on the host, then retry',
      ].join('\n'),
    );
    expect(buttons(broken)).toEqual({
      'run.retry': 'Retry',
      'run.skip': 'Skip…',
      'run.pause': 'Pause',
      'run.rollback': 'Roll back…',
      'run.abort': 'Abort…',
      'run.log': 'Output',
    });
    expect(confirmOf(broken, 'run.retry')).toBe('Runs "stop nova" again on ctl2.');
  });

  it('shows three of many failures and counts the others', () => {
    const starts = computes.map((host) => e.started(e.work('restart', host)));
    const ends = computes.slice(0, 5).map((host) => e.failed(e.work('restart', host)));
    const seen = drawn(card(...synced, ...starts, ...ends));

    expect(seen.match(/✗ Failed/g)).toHaveLength(3);
    expect(seen).toContain('and 2 more: cmp4, cmp5');
  });

  it('mentions a failure that its step allows for, and goes on', () => {
    const patient = e.plan(
      e.step('stop', { hosts: ['ctl1', 'ctl2'], maxFailures: 1 }),
      e.step('start'),
    );
    const seen = card(
      e.requested(patient),
      e.ready('ctl1'),
      e.ready('ctl2'),
      e.approvalRequested('stop'),
      e.approved('stop', patient),
      e.started(e.work('stop', 'ctl1')),
      e.started(e.work('stop', 'ctl2')),
      e.failed(e.work('stop', 'ctl1')),
      e.succeeded(e.work('stop', 'ctl2')),
    );

    expect(drawn(seen)).toContain('*Note*  failed, within what the step allows: stop on ctl1');
    expect(buttons(seen)).not.toHaveProperty('run.retry');
  });

  it('shows an unknown outcome with its evidence, and asks what a person knows', () => {
    const lost = card(
      ...stopping,
      e.at(20, e.linkLost(ctl1)),
      e.at(80, e.unknown(ctl1, 'no answer on port 22')),
    );

    expect(drawn(lost)).toContain(
      [
        '*? Unknown: stop nova, on ctl1*  ·  link lost 02:00 UTC, silent for 2 min',
        '*Evidence*  no answer on port 22',
        '*We do*  ask the host again and again; nothing is run a second time',
        '*You can*  look at the console of ctl1; when it answers, this resolves itself',
      ].join('\n'),
    );
    expect(buttons(lost)).toMatchObject({
      'run.ask': 'Ask now',
      'run.retry': "I know it didn't…",
      'run.skip': 'I know it finished…',
    });
  });

  it('does not promise to ask again where there is nothing left to ask', () => {
    const seen = drawn(card(...stopping, e.unknown(ctl1)));

    expect(seen).toContain('*We do*  nothing by ourselves; nothing is run a second time');
    expect(seen).toContain('look on ctl1 whether it finished, then say what you found');
  });

  it('names what an abort left alive, and who ends it', () => {
    const alive = card(
      ...stopping,
      e.abortRequested(),
      e.stopped(ctl1, [{ pid: 4711, command: 'apt-get' }]),
    );

    expect(drawn(alive)).toContain('*Evidence*  still alive on ctl1: pid 4711 (apt-get)');
    expect(drawn(alive)).toContain('*You can*  end it by hand on ctl1, then abort again');
    expect(buttons(alive)).toMatchObject({ 'run.abort': 'Abort again…' });
  });

  it('says which host was not ready and why, and that nothing ran', () => {
    const seen = card(e.requested(road), e.refused('ctl1'), e.runEnded('refused'));

    expect(drawn(seen)).toContain('*Not started, because a host was not ready*');
    expect(drawn(seen)).toContain(
      '*✗ Not ready: ctl1*  ·  its host key changed\n*You can*  compare the key',
    );
    expect(buttons(seen)).toEqual({});
  });

  it('tells a person what to do and what to paste', () => {
    const manual = e.plan(
      e.step('drain', {
        title: 'drain ctl1',
        doer: 'person',
        apply: [],
        params: { instructions: 'Open HAProxy.\nSet ctl1 to drain.', proof: 'the line of ctl1' },
      }),
    );
    const seen = card(
      e.requested(manual),
      e.ready('ctl1'),
      e.approvalRequested('drain'),
      e.approved('drain', manual),
      e.personAsked(e.work('drain')),
    );

    expect(drawn(seen)).toContain(
      '*For a person: drain ctl1*\n> Open HAProxy.\n> Set ctl1 to drain.\n*Then paste*  the line of ctl1',
    );
    expect(drawn(seen)).toContain('types `/upgrade done 7f3a12 PROOF`');
    expect(buttons(seen)).toMatchObject({ 'run.done': 'Done…' });
  });

  it('says who paused and what Resume goes on with', () => {
    const seen = card(...stoppedNova, e.paused('UCHIE'));

    expect(drawn(seen)).toContain('*Now*  paused by <@UCHIE> 02:00 UTC');
    expect(drawn(seen)).toContain('*Next*  Resume goes on with *sync the database*');
    expect(confirmOf(seen, 'run.resume')).toContain('goes on from "sync the database"');
  });

  it('counts backwards while it rolls back', () => {
    const back = e.work('stop-nova', 'ctl1', { phase: 'undo' });
    const seen = drawn(
      card(
        ...stopping,
        e.succeeded(ctl1),
        e.failed(ctl2),
        e.rollbackRequested('stop-nova'),
        e.started(back),
      ),
    );

    expect(seen).toContain('↩ Restart nova · staging');
    expect(seen).toContain('0 %  ·  undoing 1 of 1');
    expect(seen).toContain('*Now*  undoing *stop nova* on ctl1');
    expect(seen).toContain('*Way out*  under way, back to the start: undoes 1 step on ctl1, ctl2');
  });

  it('says before a rollback what it undoes, in its order, and what it cannot', () => {
    const seen = card(...synced, e.started(e.work('restart', 'cmp1')));

    expect(confirmOf(seen, 'run.rollback')).toBe(
      'Undoes 1 step on cmp1, last first: restart nova-compute. Stays: "sync the database" and before, it is one-way.',
    );
  });

  it('ends with the outcome in words, how long, who, and how often it was tried again', () => {
    const again = e.work('stop-nova', 'ctl2', { attempt: 2 });
    const restarted = computes.flatMap((host) => [
      e.at(50, e.started(e.work('restart', host))),
      e.at(60, e.succeeded(e.work('restart', host))),
    ]);
    const seen = card(
      ...stopping,
      e.succeeded(ctl1),
      e.failed(ctl2),
      e.retryRequested({ phase: 'apply', step: 'stop-nova', hosts: ['ctl2'] }, 'UDAN'),
      e.started(again),
      e.succeeded(again),
      ...synced.slice(stoppedNova.length),
      ...restarted,
      e.at(95, e.runEnded('succeeded')),
    );

    expect(drawn(seen)).toContain(
      [
        '✓ Restart nova · staging',
        '▓▓▓▓▓▓▓▓▓▓▓▓▓▓ 100 %  ·  step 3 of 3',
        '*Succeeded*  ·  02:01 UTC, after 95 s',
        '<@UANN>, <@UBEN>, <@UCHIE>  ·  1 retry  ·  0 skips',
      ].join('\n'),
    );
  });

  it('says after a rollback what was undone, in which order', () => {
    const back = (host: string) => e.work('stop-nova', host, { phase: 'undo' });
    const seen = card(
      ...stopping,
      e.succeeded(ctl1),
      e.failed(ctl2),
      e.rollbackRequested('stop-nova'),
      ...['ctl1', 'ctl2'].flatMap((host) => [e.started(back(host)), e.succeeded(back(host))]),
      e.runEnded('rolledBack'),
    );

    expect(drawn(seen)).toContain('Undone, in this order: stop nova on ctl1, ctl2');
    expect(drawn(seen)).toContain('start anew: `/upgrade run staging restart-nova`');
  });

  it('gives the reason of a rejection that ended the run', () => {
    const seen = card(
      ...checked,
      e.approvalRequested('stop-nova'),
      e.rejected('stop-nova', 'not <!here> now', 'UCHIE'),
      e.runEnded('rejected'),
    );

    expect(drawn(seen)).toContain('*Rejected, nothing was run*');
    expect(drawn(seen)).toContain('<@UCHIE> said: not &lt;!here&gt; now');
  });

  it("writes times for the reader's own clock where Slack can", () => {
    const seen = runCard(fold(e.inOrder(...stopping)), e.after(120));

    expect(drawn(seen)).toContain('started it <!date^1795312800^{time}|02:00 UTC>');
  });
});

const planMark = fold([e.requested(road)]).planHash.slice(0, 6);
