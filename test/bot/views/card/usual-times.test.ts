import { describe, expect, it } from '@jest/globals';
import { runCard } from '../../../../bot/views/card/run-card.ts';
import { runStatus } from '../../../../bot/views/status.ts';
import { knownTimes } from '../../../../jobs/run/durations/estimates.ts';
import { timesOfRun } from '../../../../jobs/run/durations/run-times.ts';
import { fold } from '../../../../jobs/run/fold.ts';
import { drawnMessage } from '../../../support/slack/drawn.ts';
import * as e from '../../../support/runs/events.ts';

const plan = e.planOf(
  e.step('sync', { title: 'nova db sync' }),
  e.step('start', { title: 'start nova', gate: 1 }),
  e.step('look', { title: 'look at HAProxy', doer: 'person', apply: [] }),
);
const begun = [
  e.requested(plan),
  e.hostReady('ctl1'),
  e.approvalRequested('sync'),
  e.gateApproved('sync', plan),
];
const [sync, start] = [e.work('sync'), e.work('start')];

/** Runs in which the sync took four minutes and the start one, and going back as long. */
const times = knownTimes(
  [1, 2].flatMap(() => {
    const back = (id: string) => e.work(id, 'ctl1', { phase: 'undo' });
    const events = [
      ...begun,
      e.atSecond(100, e.started(sync)),
      e.atSecond(340, e.succeeded(sync)),
      e.atSecond(340, e.started(start)),
      e.atSecond(400, e.succeeded(start)),
      e.atSecond(500, e.rollbackRequested('sync')),
      e.atSecond(500, e.started(back('start'))),
      e.atSecond(560, e.succeeded(back('start'))),
      e.atSecond(560, e.started(back('sync'))),
      e.atSecond(800, e.succeeded(back('sync'))),
      e.atSecond(800, e.runEnded('rolledBack')),
    ];
    const learned = timesOfRun(fold(events));
    return learned === undefined ? [] : [learned];
  }),
  'staging',
);
const running = [...begun, e.atSecond(100, e.started(sync))];
const card = (seconds: number, known = times): string =>
  drawnMessage(runCard(fold(running), e.after(seconds), 'plain', undefined, undefined, known));

describe('the card of a run like earlier ones', () => {
  it('says what is usual, when it is done, and how long going back takes', () => {
    const seen = card(220);

    expect(seen).toContain(
      '*Now*  nova db sync on ctl1  ·  since 02:01 UTC, 2 min, usually 4 min\n',
    );
    // 120 s of the sync are left, and 60 s of the start.
    expect(seen).toContain(
      'step 1 of 3  ·  done about 02:06 UTC, plus 1 approval and 1 step by hand',
    );
    expect(seen).toContain('*Rollback*  to the start in about 4 min: undoes 1 step');
  });

  it('weighs how far it is by time', () => {
    const half = [...running, e.atSecond(340, e.succeeded(sync))];
    const seen = drawnMessage(
      runCard(fold(half), e.after(340), 'plain', undefined, undefined, times),
    );

    expect(seen).toContain(' 80 %  ·  step 2 of 3  ·  about 60 s of work left');
  });

  it('says when something takes over twice its usual time', () => {
    expect(card(100 + 481)).toContain(', 8 min, *over twice the usual 4 min*\n');
    expect(card(100 + 470)).toContain(', 8 min, usually 4 min\n');
  });

  it('says so as long as it runs where the log has it, and what to do', () => {
    const slow = [...running, e.atSecond(581, e.foundSlow('sync', { usualMs: 240_000 }))];
    const seen = (events = slow): string =>
      drawnMessage(runCard(fold(events), e.after(590), 'plain'));
    expect(seen()).toContain(', 8 min, *over twice the usual 4 min*\n');
    expect(seen()).toContain(
      '*Next*  see what it prints with `/upgrade log 7f3a12 1 ctl1`; it may still end well, and `/upgrade abort 7f3a12` stops it. Then: asks for 1 approval before *start nova* on ctl1',
    );
    expect(seen([...slow, e.atSecond(589, e.succeeded(sync))])).not.toMatch(/usual|see what/);
  });

  it('says nothing of it where nothing is known', () => {
    const seen = card(220, knownTimes([], 'staging'));

    expect(seen).not.toMatch(/usual|done about|in about|left/);
    expect(drawnMessage(runStatus(fold(running), e.after(220), 'plain'))).not.toContain('usual');
  });
});
