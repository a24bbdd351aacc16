import { describe, expect, it } from '@jest/globals';
import { existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import {
  type ExecutionProgress,
  attachExecution,
  beginExecution,
} from '../../../jobs/remote/remote.ts';
import { eventually, rejection } from '../../support/eventually.ts';
import {
  execution,
  isAlive,
  recordPath,
  remoteHost,
  shellLine,
} from '../../support/servers/remote.ts';

const there = remoteHost();

const home = (...names: string[]): string => join(there.sshd.home, ...names);
const silent = { fromByte: 0, onOutput: (): void => undefined };

const attached = (id: string) => attachExecution(there.ssh, there.sshd.target(), id, silent);

/** Begins it and leaves it alone as soon as it has written its pid. */
async function begun(id: string, script: string): Promise<number> {
  const leave = new AbortController();
  const what = execution(id, shellLine(`echo $$ >${home(id)}; ${script}`));
  const left = beginExecution(there.ssh, there.sshd.target(), what, {
    ...silent,
    signal: leave.signal,
  });
  const ended = left.catch(() => undefined);
  const pid = await eventually(() =>
    existsSync(home(id)) ? Number(readFileSync(home(id), 'utf8')) || undefined : undefined,
  );
  leave.abort(new Error('left'));
  await ended;
  return pid;
}

describe('a host that knows nothing of what began on it', () => {
  it('is told by attaching that it may not begin, and nothing starts', async () => {
    expect(await attached('never')).toMatchObject({
      type: 'forgotten',
      evidence: expect.stringMatching(
        /cmp01 knows nothing of it: it never came there, or cmp01 forgot it .*; since \d{4}-.*Z it may not begin there any more\.$/,
      ),
    });

    const late = beginExecution(
      there.ssh,
      there.sshd.target(),
      execution('never', shellLine(`touch ${home('never.ran')}`)),
      silent,
    );
    expect(await rejection(late)).toMatchObject({ name: 'ExecutionAborted' });
    expect(existsSync(home('never.ran'))).toBe(false);
    expect(await attached('never')).toMatchObject({ type: 'forgotten' });
  });

  it('starts nothing again when the step itself removed its record, and shows what of it is alive', async () => {
    const script = `echo start >>${home('starts')}; until rm -rf ~/.hopscotch/removed; do :; done; exec sleep 300`;
    const pid = await begun('removed', script);
    await eventually(() => !existsSync(recordPath(there.sshd, 'removed', 'pid')));

    const answer = await attached('removed');

    expect(answer).toMatchObject({ type: 'forgotten' });
    const evidence = answer.type === 'forgotten' ? answer.evidence : '';
    expect(evidence).toMatch(
      /; of it these run: .*\d+ \((?:hopscotch|\/bin\/sh) .*\.hopscotch\/removed\/script /,
    );
    expect(evidence).toContain(`${pid} (sleep 300)`);
    expect(readFileSync(home('starts'), 'utf8')).toBe('start\n');
    process.kill(pid, 'SIGKILL');
  });

  it('finds a child by its environment once the shell that ran it is gone, too', async () => {
    const pid = await begun(
      'orphan',
      'until rm -rf ~/.hopscotch/orphan; do :; done; kill -9 $PPID; exec sleep 300',
    );
    await eventually(() => !existsSync(recordPath(there.sshd, 'orphan', 'pid')));

    expect(await attached('orphan')).toMatchObject({
      evidence: expect.stringContaining(`${pid} (sleep 300)`),
    });
    process.kill(pid, 'SIGKILL');
    await eventually(() => !isAlive(pid));
    expect(await attached('orphan')).toMatchObject({
      evidence: expect.not.stringContaining('these run'),
    });
  });

  it('starts nothing again after its home was replaced', async () => {
    const pid = await begun('replaced', `echo start >>${home('replaced.starts')}; exec sleep 300`);
    renameSync(home('.hopscotch'), home('.earlier'));

    expect(await attached('replaced')).toMatchObject({ type: 'forgotten' });
    expect(readFileSync(home('replaced.starts'), 'utf8')).toBe('start\n');
    process.kill(pid, 'SIGKILL');
    rmSync(home('.hopscotch'), { recursive: true });
    renameSync(home('.earlier'), home('.hopscotch'));
  });
});

describe('the age of an execution', () => {
  it('is told by the host, for who attaches later', async () => {
    const pid = await begun('old', 'exec sleep 300');
    await new Promise((resolve) => setTimeout(resolve, 1200));
    const seen = await new Promise<Omit<ExecutionProgress, 'commandIndex'>>((resolve) => {
      const leave = new AbortController();
      void attachExecution(there.ssh, there.sshd.target(), 'old', {
        ...silent,
        signal: leave.signal,
        onBegan: (began) => {
          resolve(began);
          leave.abort(new Error('seen'));
        },
      }).catch(() => undefined);
    });

    expect(seen).toMatchObject({ attached: true });
    expect(seen.ageMs).toBeGreaterThanOrEqual(1200);
    process.kill(pid, 'SIGKILL');
    expect(await attached('old')).toMatchObject({ type: 'exited', exitCode: 137 });
  });
});
