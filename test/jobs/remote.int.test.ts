import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
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
import type { Execution, Outcome } from '../../jobs/remote.ts';
import { follow, peek } from '../../jobs/remote.ts';
import type { Ssh } from '../../jobs/ssh.ts';
import { openSsh } from '../../jobs/ssh.ts';
import { eventually, rejection } from '../support/eventually.ts';
import { execution, pidOf, record, run, sh } from '../support/remote.ts';
import type { Sshd } from '../support/sshd.ts';
import { startSshd } from '../support/sshd.ts';

let sshd: Sshd;
let ssh: Ssh;

beforeAll(async () => {
  sshd = await startSshd();
  ssh = openSsh();
});
afterAll(async () => {
  await ssh.close();
  await sshd.stop();
});

const hash = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
const sleeper = (id: string): Execution =>
  execution(id, sh('true'), sh('echo before; exec sleep 300'));

/** Runs on the host of this file. */
const go = (what: Execution, fromByte = 0, via = ssh): ReturnType<typeof run> =>
  run(via, sshd.target(), what, fromByte);

const directory = (id: string, ...rest: string[]): string => record(sshd, id, ...rest);

describe('an execution', () => {
  it('runs its commands in order and merges what they write', async () => {
    const { outcome, output } = await go(
      execution('order', sh('echo one; echo two >&2'), sh('echo three')),
    );

    expect(output.toString()).toBe('one\ntwo\nthree\n');
    expect(outcome).toMatchObject({ type: 'exited', exit: 0, at: 1, bytes: 14, attached: false });
    expect(outcome).toMatchObject({ startedAt: expect.stringMatching(/^\d{4}-.*Z$/) });
  });

  it('stops at the first exit code that is not an answer', async () => {
    const { outcome, output } = await go(
      execution('stops', sh('echo a; exit 3', { okExits: [0, 3] }), sh('exit 4'), sh('echo never')),
    );

    expect(outcome).toMatchObject({ exit: 4, at: 1 });
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
      exit: 127,
    });
    expect((await go(execution('killed', sh('kill -KILL $$')))).outcome).toMatchObject({
      exit: 137,
    });
  });

  it('gives commands the umask and the signals of the login', async () => {
    const { output } = await go(execution('login', sh('umask; grep SigIgn /proc/self/status')));

    expect(output.toString()).toMatch(/^0022\nSigIgn:\t0+\n$/);
  });

  it('leaves its record to nobody else', async () => {
    await go(execution('private', sh('true')));

    const said = await go(execution('modes', sh('cd ~/.hopscotch/private && stat -c "%a %n" . *')));
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
      expect(await rejection(go(execution(id, sh('true'))))).toBeInstanceOf(RangeError);
    }
  });

  it('reports where it is', async () => {
    const states: number[] = [];
    await follow(
      ssh,
      sshd.target(),
      execution(
        'states',
        sh('true'),
        sh(`touch ${sshd.home}/second; until [ -e ${sshd.home}/go ]; do sleep 0.05; done`),
      ),
      {
        fromByte: 0,
        onOutput: () => undefined,
        onState: ({ at, pid, attached }) => {
          states.push(at);
          expect({ pid, attached }).toEqual({ pid: pidOf(sshd, 'states'), attached: false });
          if (at === 1) symlinkSync('/', join(sshd.home, 'go'));
        },
      },
    );

    expect(states.at(-1)).toBe(1);
  });
});

describe('exactly once', () => {
  it('starts one of twenty callers and lets the others follow', async () => {
    const others = openSsh();
    const what = execution('once', sh(`echo begun >>${sshd.home}/count; sleep 0.3; echo done`));
    const all = await Promise.all(
      Array.from({ length: 20 }, (_, index) => go(what, 0, index % 2 === 0 ? ssh : others)),
    );
    await others.close();

    expect(readFileSync(join(sshd.home, 'count'), 'utf8')).toBe('begun\n');
    expect(all.map(({ output }) => output.toString())).toEqual(all.map(() => 'done\n'));
    expect(all.filter(({ outcome }) => !outcome.attached)).toHaveLength(1);
    expect(readdirSync(directory('once')).toSorted()).toEqual([
      'at',
      'begun',
      'exit',
      'note',
      'out',
      'pid',
      'script',
    ]);
  });

  it('holds however early the link is cut', async () => {
    for (let cut = 0; cut < 12; cut += 1) {
      const id = `early-${cut}`;
      const count = join(sshd.home, id);
      const what = execution(id, sh(`echo begun >>${count}; sleep 0.1; echo done`));
      const via = openSsh();
      await via.exec(sshd.target(), { command: 'true' });
      const first = go(what, 0, via).catch(() => undefined);
      setTimeout(() => sshd.cut(), cut * 3);
      await first;
      const { outcome, output } = await go(what, 0, via);
      await via.close();

      expect(outcome).toMatchObject({ exit: 0 });
      expect(output.toString()).toBe('done\n');
      expect(readFileSync(count, 'utf8')).toBe('begun\n');
    }
  });

  it('answers the same to everybody who comes late, from any byte', async () => {
    const what = execution('late', sh('printf 0123456789; exit 5'));
    const first = await go(what);

    expect((await go(what, 4)).output.toString()).toBe('456789');
    expect((await go(what, 10)).output.toString()).toBe('');
    expect((await go(what)).outcome).toEqual({ ...first.outcome, attached: true });
  });
});

describe('a link lost in the middle', () => {
  const lines =
    'i=0; while [ $i -lt 60 ]; do i=$((i+1)); echo "line $i жß€"; sleep 0.01; done; exit 9';

  it('is taken up at the byte where it broke', async () => {
    const undisturbed = await go(execution('whole', sh(lines)));
    const chunks: Buffer[] = [];
    const have = (): number => chunks.reduce((sum, { length }) => sum + length, 0);
    const what = execution('broken', sh(`echo x >>${sshd.home}/starts; ${lines}`));
    let cuts = 0;
    let outcome: Outcome | undefined;
    while (outcome === undefined) {
      const at = have();
      outcome = await follow(ssh, sshd.target(), what, {
        fromByte: at,
        onOutput: (bytes) => {
          chunks.push(bytes);
          if (cuts < 4 && have() > at + 100) {
            cuts += 1;
            sshd.cut();
          }
        },
      }).catch((error: Error) => {
        expect(error.name).toBe('LinkLost');
        return undefined;
      });
    }

    expect(cuts).toBe(4);
    expect(hash(Buffer.concat(chunks))).toBe(hash(undisturbed.output));
    expect(outcome).toMatchObject({ exit: 9, bytes: undisturbed.output.length, attached: true });
    expect(readFileSync(join(sshd.home, 'starts'), 'utf8')).toBe('x\n');
  });

  it('lets the caller leave while the step goes on', async () => {
    const leave = new AbortController();
    const what = execution(
      'left',
      sh(`echo here; until [ -e ${sshd.home}/go-on ]; do sleep 0.05; done; echo end`),
    );
    const left = follow(ssh, sshd.target(), what, {
      fromByte: 0,
      onOutput: () => leave.abort(new Error('drained')),
      signal: leave.signal,
    });

    expect((await rejection(left)).message).toBe('drained');
    expect(await peek(ssh, sshd.target(), 'left')).toMatchObject({ state: 'running', at: 0 });
    symlinkSync('/', join(sshd.home, 'go-on'));
    expect((await go(what, 5)).output.toString()).toBe('end\n');
  });

  it('survives a restart of sshd', async () => {
    const what = execution(
      'upgrade',
      sh(`echo here; until [ -e ${sshd.home}/up ]; do sleep 0.05; done; echo end`),
    );
    let bytes = 0;
    const running = follow(ssh, sshd.target(), what, {
      fromByte: 0,
      onOutput: ({ length }) => void (bytes += length),
    });
    await eventually(() => bytes > 0);
    await sshd.restart();
    symlinkSync('/', join(sshd.home, 'up'));

    expect(await running).toMatchObject({ exit: 0, attached: false, bytes: 9 });
  });
});

describe('large output', () => {
  it('arrives whole, a piece at a time', async () => {
    const size = 50 * 1024 * 1024;
    const digest = createHash('sha256');
    let largest = 0;
    let bytes = 0;
    const outcome = await follow(
      ssh,
      sshd.target(),
      execution('large', sh(`yes 'fifty megabytes of this' | head -c ${size}`)),
      {
        fromByte: 0,
        onOutput: (chunk) => {
          largest = Math.max(largest, chunk.length);
          bytes += chunk.length;
          digest.update(chunk);
        },
      },
    );

    const line = 'fifty megabytes of this\n';
    const expected = createHash('sha256').update(
      line.repeat(Math.ceil(size / line.length)).slice(0, size),
    );
    expect(outcome).toMatchObject({ exit: 0, bytes: size });
    expect(bytes).toBe(size);
    expect(digest.digest('hex')).toBe(expected.digest('hex'));
    expect(largest).toBeLessThanOrEqual(64 * 1024);
  }, 60_000);
});

describe('an outcome that nobody wrote down', () => {
  it('is unknown when the process was killed, with what is left of it', async () => {
    const seen = go(sleeper('shot'));
    await eventually(
      () =>
        existsSync(directory('shot', 'out')) &&
        readFileSync(directory('shot', 'out'), 'utf8') !== '',
    );
    process.kill(pidOf(sshd, 'shot'), 'SIGKILL');
    const { outcome, output } = await seen;

    expect(outcome).toMatchObject({ type: 'unknown', at: 1, attached: false });
    const evidence = outcome.type === 'unknown' ? outcome.evidence : '';
    expect(evidence).toContain(
      `process ${pidOf(sshd, 'shot')} is gone without an exit code; it was at command 2`,
    );
    expect(evidence).toMatch(/its output, 7 bytes, was last written at \d{4}-/);
    expect(output.toString()).toBe('before\n');
    const left = /these still run: (\d+) \(sleep 300\)/.exec(evidence)?.[1];
    process.kill(Number(left), 'SIGKILL');
    expect((await go(sleeper('shot'))).outcome).toMatchObject({ type: 'unknown', attached: true });
  });

  it('is unknown after a restart of the host', async () => {
    await go(execution('boot', sh('echo x')));
    forge('boot', (text) => text.replace(/[0-9a-f-]{36}/, '00000000-0000-0000-0000-000000000000'));

    const { outcome, output } = await go(execution('boot', sh('echo x')));
    expect(outcome).toMatchObject({
      type: 'unknown',
      evidence: expect.stringContaining('cmp01 was restarted since'),
    });
    expect(output.toString()).toBe('x\n');
    expect(await peek(ssh, sshd.target(), 'boot')).toMatchObject({ state: 'lost', note: 'boot' });
  });

  it('is unknown when another process has the number now', async () => {
    await go(execution('reused', sh('true')));
    forge('reused', (text) => text.replace(/^run \d+/, `run ${process.pid}`));

    expect((await go(execution('reused', sh('true')))).outcome).toMatchObject({
      evidence: expect.stringContaining('its number belongs to another process now'),
    });
  });

  it('is unknown when it died right after it began', async () => {
    mkdirSync(directory('stillborn'), { recursive: true });
    const began = readlinkSync(directory('boot', 'begun')).replace(/^run \d+/, 'run 4194305');
    symlinkSync(began, directory('stillborn', 'begun'));

    expect((await go(execution('stillborn', sh('true')))).outcome).toMatchObject({
      type: 'unknown',
      at: 0,
    });
    expect(existsSync(directory('stillborn', 'exit'))).toBe(false);
  });
});

it('does not take a shortened output for the whole', async () => {
  await go(execution('cut', sh('echo 0123456789')));
  truncateSync(directory('cut', 'out'), 4);

  expect(await rejection(go(execution('cut', sh('echo 0123456789'))))).toMatchObject({
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
