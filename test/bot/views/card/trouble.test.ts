import { describe, expect, it } from '@jest/globals';
import { toShell } from '../../../../handlers/contract/command.ts';
import { buttonLabels, confirmOf, drawnMessage } from '../../../support/slack/drawn.ts';
import * as e from '../../../support/runs/events.ts';
import {
  cardOfEvents,
  twelveComputes,
  stopOnCtl1,
  stopOnCtl2,
  libertyPlan,
  stoppingNova,
  novaSynced,
} from '../../../support/runs/liberty-run.ts';

describe('run card in trouble', () => {
  it('says that a link is lost and that nothing is run twice, and offers to ask now', () => {
    const lost = cardOfEvents(...stoppingNova, e.linkWasLost(stopOnCtl1));

    expect(drawnMessage(lost)).toContain('*Link*  lost to ctl1 since 02:00 UTC; asked again');
    expect(buttonLabels(lost)).toMatchObject({ 'run.ask': 'Ask now' });
  });

  it('still says "re-attached" when the step is long over and the run has ended', () => {
    const ended = cardOfEvents(
      ...stoppingNova,
      e.linkWasLost(stopOnCtl1),
      e.atSecond(95, e.reattached(stopOnCtl1)),
      e.atSecond(96, e.succeeded(stopOnCtl1)),
      e.atSecond(96, e.succeeded(stopOnCtl2)),
      e.atSecond(97, e.abortRequested()),
      e.atSecond(98, e.runEnded('aborted')),
    );

    expect(drawnMessage(ended)).toContain('re-attached 02:01 UTC on ctl1, nothing was run twice');
    expect(buttonLabels(ended)).not.toHaveProperty('run.ask');
  });

  it('shows a failure with its command, exit code, duration, last lines and what to do', () => {
    const broken = cardOfEvents(
      ...stoppingNova,
      e.succeeded(stopOnCtl1),
      e.atSecond(60, e.failed(stopOnCtl2, { tail: 'Reading lists\nE: no space left on <dev>\n' })),
    );

    expect(drawnMessage(broken)).toContain(
      [
        '*✗ Failed: stop nova, on ctl2*  ·  after 42 s',
        '*Why*  `E: no space left on &lt;dev&gt;`',
        '`do stop-nova`  ·  exit 100',
        'no space left',
        '*You can*  make room on the host, then retry',
      ].join('\n'),
    );
    expect(buttonLabels(broken)).toEqual({
      'run.retry': 'Retry',
      'run.rollback': 'Roll back…',
      'look.output': 'Output',
      'look.more': 'More…',
    });
    expect(confirmOf(broken, 'run.retry')).toBe('Runs "stop nova" again on ctl2.');
  });

  it('names a long script of the command that failed as the plan does, with its arguments', () => {
    const words = ['sudo', '-n', '--', 'sh', '-c', 'echo\n'.repeat(20), 'sh', "it's"];
    const broken = cardOfEvents(
      ...stoppingNova,
      e.started(stopOnCtl2, { commands: [{ words }] }),
      e.failed(stopOnCtl2, { command: toShell(words) }),
    );

    expect(drawnMessage(broken)).toMatch(
      /\n`sudo -n -- sh -c ⟨script of 21 lines, sha256 [0-9a-f]{8}⟩ sh 'it'\\''s'` {2}· {2}exit 100\nno space left/,
    );
  });

  it.each([
    ['exit', 'Look at the output; then retry', undefined],
    ['state', 'Compare the output with the host', 'every command ended well, but the state is not'],
    [
      'timeout',
      'Find out what it waits for',
      'not done within 60 s, so its process group was ended',
    ],
  ] as const)(
    'says of the cause %s what to do, and why where the heading does not',
    (cause, hint, why) => {
      const failed = e.failed(stopOnCtl2, { cause, reason: undefined, hint: undefined });
      const seen = drawnMessage(cardOfEvents(...stoppingNova, failed));

      expect(seen).toContain('`do stop-nova`  ·  exit 100');
      expect(seen).toContain(`*You can*  ${hint}`);
      expect(seen).not.toContain('undefined');
      if (why !== undefined) expect(seen).toContain(why);
    },
  );

  it('shows three of many failures and counts the others', () => {
    const starts = twelveComputes.map((host) => e.started(e.work('restart', host)));
    const ends = twelveComputes.slice(0, 5).map((host) => e.failed(e.work('restart', host)));
    const seen = drawnMessage(cardOfEvents(...novaSynced, ...starts, ...ends));

    expect(seen.match(/✗ Failed/g)).toHaveLength(3);
    expect(seen).toContain('and 2 more: cmp4, cmp5');
  });

  it('mentions a failure that its step allows for, and goes on', () => {
    const patient = e.planOf(
      e.step('stop', { hosts: ['ctl1', 'ctl2'], maxFailures: 1 }),
      e.step('start'),
    );
    const seen = cardOfEvents(
      e.requested(patient),
      e.hostReady('ctl1'),
      e.hostReady('ctl2'),
      e.approvalRequested('stop'),
      e.gateApproved('stop', patient),
      e.started(e.work('stop', 'ctl1')),
      e.started(e.work('stop', 'ctl2')),
      e.failed(e.work('stop', 'ctl1')),
      e.succeeded(e.work('stop', 'ctl2')),
    );

    expect(drawnMessage(seen)).toContain(
      '*Note*  failed, within what the step allows: stop on ctl1',
    );
    expect(buttonLabels(seen)).not.toHaveProperty('run.retry');
  });

  it('shows an unknown outcome with its evidence, and asks what a person knows', () => {
    const lost = cardOfEvents(
      ...stoppingNova,
      e.atSecond(20, e.linkWasLost(stopOnCtl1)),
      e.atSecond(80, e.outcomeUnknown(stopOnCtl1, 'no answer on port 22')),
    );

    expect(drawnMessage(lost)).toContain(
      [
        '*? Unknown: stop nova, on ctl1*  ·  link lost 02:00 UTC, silent for 2 min',
        '*Evidence*  no answer on port 22',
        '*Hopscotch*  asks the host again and again, and runs nothing a second time',
        '*You can*  Look at the console of ctl1; when it answers, this resolves itself.',
      ].join('\n'),
    );
    expect(buttonLabels(lost)).toMatchObject({
      'run.ask': 'Ask now',
      'run.retry': "I know it didn't…",
      'run.skip': 'I know it finished…',
    });
  });

  it('does not promise to ask again where there is nothing left to ask', () => {
    const seen = drawnMessage(cardOfEvents(...stoppingNova, e.outcomeUnknown(stopOnCtl1)));

    expect(seen).toContain('*Hopscotch*  does nothing by itself, and runs nothing a second time');
    expect(seen).toContain('Look on ctl1 whether it finished, then say what you found.');
  });

  it('names what an abort left alive, and who ends it', () => {
    const alive = cardOfEvents(
      ...stoppingNova,
      e.abortRequested(),
      e.stopped(stopOnCtl1, [{ pid: 4711, command: 'apt-get' }]),
    );

    expect(drawnMessage(alive)).toContain('*Evidence*  still alive on ctl1: pid 4711 (apt-get)');
    expect(drawnMessage(alive)).toContain('*You can*  End it by hand on ctl1, then abort again.');
    expect(buttonLabels(alive)).toMatchObject({ 'run.abort': 'Abort again…' });
  });

  it('says which host was not ready and why, and that nothing ran', () => {
    const seen = cardOfEvents(e.requested(libertyPlan), e.refused('ctl1'), e.runEnded('refused'));

    expect(drawnMessage(seen)).toContain('*Not started, because a host was not ready*');
    expect(drawnMessage(seen)).toContain(
      '*✗ Not ready: ctl1*  ·  its host key changed\n*You can*  compare the key',
    );
    expect(buttonLabels(seen)).toEqual({});
  });

  it('tells a person what to do and what to paste', () => {
    const manual = e.planOf(
      e.step('drain', {
        title: 'drain ctl1',
        doer: 'person',
        apply: [],
        params: { instructions: 'Open HAProxy.\nSet ctl1 to drain.', proof: 'the line of ctl1' },
      }),
    );
    const seen = cardOfEvents(
      e.requested(manual),
      e.hostReady('ctl1'),
      e.approvalRequested('drain'),
      e.gateApproved('drain', manual),
      e.personAsked(e.work('drain')),
    );

    expect(drawnMessage(seen)).toContain(
      '*For a person: drain ctl1*\n> Open HAProxy.\n> Set ctl1 to drain.\n*Then paste*  the line of ctl1',
    );
    expect(drawnMessage(seen)).toContain('types `/upgrade done 7f3a12 EVIDENCE`');
    expect(buttonLabels(seen)).toMatchObject({ 'run.done': 'Done…' });
  });

  it('reminds whoever takes it back of the proof of then', () => {
    const snapshot = e.planOf(
      e.step('snapshot', {
        title: 'take a snapshot of ctl1',
        doer: 'person',
        apply: [],
        undoByPerson: 'Restore ctl1 from its snapshot.',
        asks: { instructions: 'Take a snapshot of ctl1.', proof: 'the name of the snapshot' },
      }),
    );
    const seen = cardOfEvents(
      e.requested(snapshot),
      e.hostReady('ctl1'),
      e.approvalRequested('snapshot'),
      e.gateApproved('snapshot', snapshot),
      e.personAsked(e.work('snapshot')),
      e.proofGiven(e.work('snapshot'), 'night-of-<!here>', 'UANN'),
      e.rollbackRequested('snapshot'),
      e.personAsked(e.work('snapshot', 'ctl1', { phase: 'undo' })),
    );

    expect(drawnMessage(seen)).toContain(
      '*For a person: undo take a snapshot of ctl1*\n> Restore ctl1 from its snapshot.\n*When it was done*  <@UANN> pasted: night-of-&lt;!here&gt;',
    );
  });
});
