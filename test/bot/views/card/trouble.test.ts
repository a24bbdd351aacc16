import { describe, expect, it } from '@jest/globals';
import { toShell } from '../../../../handlers/contract/command.ts';
import { buttons, confirmOf, drawn } from '../../../support/slack/drawn.ts';
import * as e from '../../../support/runs/events.ts';
import { card, computes, ctl1, ctl2, road, stopping, synced } from '../../../support/runs/road.ts';

describe('run card in trouble', () => {
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

  it('names a long script of the command that failed as the plan does, with its arguments', () => {
    const words = ['sudo', '-n', '--', 'sh', '-c', 'echo\n'.repeat(20), 'sh', "it's"];
    const broken = card(
      ...stopping,
      e.started(ctl2, { commands: [{ words }] }),
      e.failed(ctl2, { command: toShell(words) }),
    );

    expect(drawn(broken)).toMatch(
      /\n`sudo -n -- sh -c ⟨script of 21 lines, sha256 [0-9a-f]{8}⟩ sh 'it'\\''s'`\nno space left/,
    );
  });

  it('does not say a bare exit code twice', () => {
    const broken = card(...stopping, e.failed(ctl2, { reason: 'stop nova on ctl2: exit 100' }));

    expect(drawn(broken)).toContain('Failed: stop nova, on ctl2*  ·  exit 100');
    expect(drawn(broken)).not.toContain('stop nova on ctl2: exit 100');
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
        '*You can*  Look at the console of ctl1; when it answers, this resolves itself.',
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
    expect(seen).toContain('Look on ctl1 whether it finished, then say what you found.');
  });

  it('names what an abort left alive, and who ends it', () => {
    const alive = card(
      ...stopping,
      e.abortRequested(),
      e.stopped(ctl1, [{ pid: 4711, command: 'apt-get' }]),
    );

    expect(drawn(alive)).toContain('*Evidence*  still alive on ctl1: pid 4711 (apt-get)');
    expect(drawn(alive)).toContain('*You can*  End it by hand on ctl1, then abort again.');
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

  it('reminds whoever takes it back of the proof of then', () => {
    const snapshot = e.plan(
      e.step('snapshot', {
        title: 'take a snapshot of ctl1',
        doer: 'person',
        apply: [],
        undoByPerson: 'Restore ctl1 from its snapshot.',
        asks: { instructions: 'Take a snapshot of ctl1.', proof: 'the name of the snapshot' },
      }),
    );
    const seen = card(
      e.requested(snapshot),
      e.ready('ctl1'),
      e.approvalRequested('snapshot'),
      e.approved('snapshot', snapshot),
      e.personAsked(e.work('snapshot')),
      e.proofGiven(e.work('snapshot'), 'night-of-<!here>', 'UANN'),
      e.rollbackRequested('snapshot'),
      e.personAsked(e.work('snapshot', 'ctl1', { phase: 'undo' })),
    );

    expect(drawn(seen)).toContain(
      '*For a person: undo take a snapshot of ctl1*\n> Restore ctl1 from its snapshot.\n*When it was done*  <@UANN> pasted: night-of-&lt;!here&gt;',
    );
  });
});
