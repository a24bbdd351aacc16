import { describe, expect, it } from '@jest/globals';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
} from 'node:fs';
import { join } from 'node:path';
import { type Execution, beginExecution, readExecutionState } from '../../../jobs/remote/remote.ts';
import { eventually, rejection } from '../../support/eventually.ts';
import {
  execution,
  pidOf,
  recordPath,
  runExecution,
  shellLine,
  remoteHost,
} from '../../support/servers/remote.ts';

const there = remoteHost();

const sleeper = (id: string): Execution =>
  execution(id, shellLine('true'), shellLine('echo before; exec sleep 300'));

/** Runs on the host of this file. */
const go = (what: Execution, fromByte = 0, via = there.ssh): ReturnType<typeof runExecution> =>
  runExecution(via, there.sshd.target(), what, fromByte);

const directory = (id: string, ...rest: string[]): string => recordPath(there.sshd, id, ...rest);

describe('an execution', () => {
  it('runs its commands in order and merges what they write', async () => {
    const { outcome, output } = await go(
      execution('order', shellLine('echo one; echo two >&2'), shellLine('echo three')),
    );

    expect(output.toString()).toBe('one\ntwo\nthree\n');
    expect(outcome).toMatchObject({
      type: 'exited',
      exitCode: 0,
      commandIndex: 1,
      bytes: 14,
      attached: false,
    });
    expect(outcome).toMatchObject({ startedAt: expect.stringMatching(/^\d{4}-.*Z$/) });
  });

  it('stops at the first exit code that is not an answer', async () => {
    const { outcome, output } = await go(
      execution(
        'stops',
        shellLine('echo a; exit 3', { okExits: [0, 3] }),
        shellLine('exit 4'),
        shellLine('echo never'),
      ),
    );

    expect(outcome).toMatchObject({ exitCode: 4, commandIndex: 1 });
    expect(output.toString()).toBe('a\n');
  });

  it('feeds standard input byte by byte, or nothing', async () => {
    const stdin = `NUL \0 here\r\n${'ж'.repeat(70_000)}'$(x)"\\ no newline at the end`;
    const { output } = await go(
      execution(
        'stdin',
        { words: ['cat'], stdin },
        { words: ['cat'] },
        { words: ['cat'], stdin: '' },
      ),
    );

    expect(output.equals(Buffer.from(stdin))).toBe(true);
    expect(readdirSync(directory('stdin')).filter((name) => name.startsWith('in.'))).toEqual([]);
  });

  it('keeps what was fed out of the script that stays on the host', async () => {
    await go(execution('secret', { words: ['true'], stdin: 'hunter2' }));

    expect(readFileSync(directory('secret', 'script'), 'utf8')).not.toContain('hunter2');
  });

  it('says exit 127 for a command that is not there and 128 + n for a signal', async () => {
    expect((await go(execution('missing', { words: ['no-such-thing'] }))).outcome).toMatchObject({
      exitCode: 127,
    });
    expect((await go(execution('killed', shellLine('kill -KILL $$')))).outcome).toMatchObject({
      exitCode: 137,
    });
  });

  it('gives commands the umask and the signals of the login', async () => {
    const { output } = await go(
      execution('login', shellLine('umask; grep SigIgn /proc/self/status')),
    );

    // The two beyond are the C library's own, and no signals for anybody else.
    expect(output.toString()).toMatch(/^0022\nSigIgn:\t0{7}(?:0{9}|180000000)\n$/);
  });

  it('leaves its record to nobody else', async () => {
    await go(execution('private', shellLine('true')));

    const said = await go(
      execution('modes', shellLine('cd ~/.hopscotch/private && stat -c "%a %n" . *')),
    );
    expect(said.output.toString()).toBe(
      [
        '700 .',
        '600 at',
        '777 begun',
        '600 exit',
        '600 note',
        '600 out',
        '600 pid',
        '600 script',
        '',
      ].join('\n'),
    );
  });

  it('refuses an id that is no plain name', async () => {
    for (const id of ['', '.', '..', '../x', 'a b', 'a/b', '-rf', "a'b", 'x'.repeat(129)]) {
      expect(await rejection(go(execution(id, shellLine('true'))))).toBeInstanceOf(RangeError);
    }
  });

  it('reports where it is', async () => {
    const states: number[] = [];
    await beginExecution(
      there.ssh,
      there.sshd.target(),
      execution(
        'states',
        shellLine('true'),
        shellLine(
          `touch ${there.sshd.home}/second; until [ -e ${there.sshd.home}/go ]; do sleep 0.05; done`,
        ),
      ),
      {
        fromByte: 0,
        onOutput: () => undefined,
        onState: ({ commandIndex: index, pid, attached }) => {
          states.push(index);
          expect({ pid, attached }).toEqual({ pid: pidOf(there.sshd, 'states'), attached: false });
          if (index === 1) symlinkSync('/', join(there.sshd.home, 'go'));
        },
      },
    );

    expect(states.at(-1)).toBe(1);
  });
});

describe('an outcome that nobody wrote down', () => {
  it('is unknown when the process was killed, with what is left of it', async () => {
    const seen = go(sleeper('shot'));
    await eventually(
      () =>
        existsSync(directory('shot', 'out')) &&
        readFileSync(directory('shot', 'out'), 'utf8') !== '',
    );
    process.kill(pidOf(there.sshd, 'shot'), 'SIGKILL');
    const { outcome, output } = await seen;

    expect(outcome).toMatchObject({ type: 'unknown', commandIndex: 1, attached: false });
    const evidence = outcome.type === 'unknown' ? outcome.evidence : '';
    expect(evidence).toContain(
      `process ${pidOf(there.sshd, 'shot')} is gone without an exit code; it was at command 2`,
    );
    expect(evidence).toMatch(/its output, 7 bytes, was last written at \d{4}-/);
    expect(output.toString()).toBe('before\n');
    const left = /these still run: (\d+) \(sleep 300\)/.exec(evidence)?.[1];
    process.kill(Number(left), 'SIGKILL');
    expect((await go(sleeper('shot'))).outcome).toMatchObject({ type: 'unknown', attached: true });
  });

  it('is unknown after a restart of the host', async () => {
    await go(execution('boot', shellLine('echo x')));
    forge('boot', (text) => text.replace(/[0-9a-f-]{36}/, '00000000-0000-0000-0000-000000000000'));

    const { outcome, output } = await go(execution('boot', shellLine('echo x')));
    expect(outcome).toMatchObject({
      type: 'unknown',
      evidence: expect.stringContaining('cmp01 was restarted since'),
    });
    expect(output.toString()).toBe('x\n');
    expect(await readExecutionState(there.ssh, there.sshd.target(), 'boot')).toMatchObject({
      state: 'lost',
      note: 'boot',
    });
  });

  it('is unknown when another process has the number now', async () => {
    await go(execution('reused', shellLine('true')));
    forge('reused', (text) => text.replace(/^run \d+/, `run ${process.pid}`));

    expect((await go(execution('reused', shellLine('true')))).outcome).toMatchObject({
      evidence: expect.stringContaining('its number belongs to another process now'),
    });
  });

  it('is unknown when it died right after it began', async () => {
    mkdirSync(directory('stillborn'), { recursive: true });
    const began = readlinkSync(directory('boot', 'begun')).replace(/^run \d+/, 'run 4194305');
    symlinkSync(began, directory('stillborn', 'begun'));

    expect((await go(execution('stillborn', shellLine('true')))).outcome).toMatchObject({
      type: 'unknown',
      commandIndex: 0,
    });
    expect(existsSync(directory('stillborn', 'exit'))).toBe(false);
  });
});

it('does not take a shortened output for the whole', async () => {
  await go(execution('cut', shellLine('echo 0123456789')));
  truncateSync(directory('cut', 'out'), 4);

  expect(await rejection(go(execution('cut', shellLine('echo 0123456789'))))).toMatchObject({
    name: 'OutputIncomplete',
    disposition: 'ask',
  });
});

/** Changes what the host knows of how an execution began, and takes its exit code away. */
function forge(id: string, change: (text: string) => string): void {
  const text = readlinkSync(directory(id, 'begun'));
  unlinkSync(directory(id, 'begun'));
  rmSync(directory(id, 'exit'));
  symlinkSync(change(text), directory(id, 'begun'));
}
