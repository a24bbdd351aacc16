import { describe, expect, it } from '@jest/globals';
import {
  checkExecutionId,
  forgottenOutcome,
  parseBegan,
  parseExited,
  unknownOutcome,
} from '../../../jobs/remote/outcome.ts';

const target = {
  host: 'ctl1',
  address: '192.0.2.1',
  port: 22,
  user: 'ops',
  key: '/keys/id',
  knownHosts: '/keys/known_hosts',
};

describe('what a host says about an execution', () => {
  it('is read: begun, by whom, and how long ago by its own clock', () => {
    expect(parseBegan('yes 4711 150 2026-11-30T19:00:00Z')).toEqual({
      attached: true,
      pid: 4711,
      startedAt: '2026-11-30T19:00:00Z',
      ageMs: 1500,
    });
    // A clock that was set back says nothing of the future.
    expect(parseBegan('no 1 -20 x')).toMatchObject({ attached: false, ageMs: 0 });
  });

  it('is read: ended, with the command, the size and full disks', () => {
    const ended = '1 2 1048576 2026-11-30T19:00:00Z 2026-11-30T19:00:05Z over /,/var';
    expect(parseExited(ended)).toEqual({
      type: 'exited',
      exitCode: 1,
      commandIndex: 2,
      bytes: 1_048_576,
      startedAt: '2026-11-30T19:00:00Z',
      finishedAt: '2026-11-30T19:00:05Z',
      wroteTooMuch: true,
      fullDisks: ['/', '/var'],
    });
    expect(parseExited('0 0 2 a b - ')).toMatchObject({ wroteTooMuch: false, fullDisks: [] });
  });

  it('is evidence for people where there is no exit code', () => {
    const { evidence, commandIndex } = unknownOutcome(
      target,
      4711,
      new Map([
        ['lost', ['reused 1 300 19:00 19:05 19:04']],
        ['left', ['4712 apt-get -y install nova']],
        ['asked', ['19:03']],
      ]),
    );
    expect(commandIndex).toBe(1);
    expect(evidence).toBe(
      'It began at 19:00 on ctl1, and at 19:05 process 4711 is gone without an exit code, its number belongs to another process now; it was at command 2; its output, 300 bytes, was last written at 19:04; of its session these still run: 4712 (apt-get -y install nova); an abort was asked for at 19:03.',
    );
  });

  it('is evidence where the host has forgotten it, with what still runs', () => {
    const heard = new Map([
      ['forgotten', ['19:05']],
      ['left', ['7 sleep 300']],
    ]);
    const { evidence } = forgottenOutcome(target, 'r1-x', heard);
    expect(evidence).toContain('ctl1 knows nothing of it');
    expect(evidence).toContain('.hopscotch/r1-x was removed');
    expect(evidence).toMatch(
      /since 19:05 it may not begin there any more; of it these run: 7 \(sleep 300\)\.$/,
    );
  });

  it.each(['', '.', '../x', '-x', 'a/b', 'a b', `a${'x'.repeat(128)}`])(
    'goes by no id that could be another place: %j',
    (id) => {
      expect(() => checkExecutionId(id)).toThrow(RangeError);
    },
  );

  it('goes by ids of runs and steps', () => {
    expect(() => checkExecutionId('7f3a12-stop-nova.ctl1_2')).not.toThrow();
  });
});
