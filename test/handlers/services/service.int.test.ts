import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { systemdManager } from '../../../handlers/services/systemd.ts';
import { sysvManager } from '../../../handlers/services/sysv.ts';
import { runHere } from '../../support/steps/step.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'service-'));
});
afterEach(() => rm(dir, { recursive: true }));

/** A systemctl whose `start` fails, and which then shows these states, one at each question. */
async function startAgain(...states: string[]) {
  await writeFile(join(dir, 'states'), states.map((state) => `${state}\n`).join(''));
  const systemctl = `#!/bin/sh
case $1 in
  start) echo "Job for $2.service failed" >&2; exit 1 ;;
  show) echo "ActiveState=$(head -n 1 ${dir}/states)"; sed -i 1d ${dir}/states ;;
esac
`;
  await writeFile(join(dir, 'systemctl'), systemctl);
  await chmod(join(dir, 'systemctl'), 0o755);
  const { words } = systemdManager.startAgain('nova-conductor');
  const { exit, stdout } = await runHere({ words: ['env', `PATH=${dir}:/usr/bin:/bin`, ...words] });
  return { exit, stdout, left: await readFile(join(dir, 'states'), 'utf8') };
}

describe('starting a service on rollback', () => {
  it('waits while systemd tries again by itself', async () => {
    expect(await startAgain('activating', 'activating', 'active')).toEqual({
      exit: 0,
      stdout: 'nova-conductor runs: systemd tried again by itself\n',
      left: '',
    });
  });

  it('fails as soon as systemd gives up', async () => {
    expect(await startAgain('activating', 'failed', 'active')).toEqual({
      exit: 1,
      stdout: '',
      left: 'active\n',
    });
  });
});

describe('starting a service by its script', () => {
  /** A script whose daemon writes its pid file this long after `start` has ended, as with `start-stop-daemon --background`. */
  async function startLate(seconds: string) {
    const script = join(dir, 'keystone');
    const text = `#!/bin/sh
case $1 in
  start) (sleep ${seconds}; touch ${dir}/pid) >/dev/null 2>&1 & ;;
  status) echo asked >>${dir}/asked; test -e ${dir}/pid || exit 3 ;;
esac
`;
    await writeFile(script, text, { mode: 0o755 });
    await runHere({ words: [script, 'start'] });
    const [{ words } = { words: [] }] = sysvManager.comesUp('keystone');
    const waits = words.map((word) => (word === '/etc/init.d/keystone' ? script : word));
    const { exit } = await runHere({ words: waits });
    const after = await runHere({ words: [script, 'status'] });
    return { exit, status: after.exit };
  }

  it('ends when its status says that it runs', async () => {
    expect(await startLate('1.5')).toEqual({ exit: 0, status: 0 });
  });

  it('does not ask again once it runs', async () => {
    await writeFile(join(dir, 'pid'), '');
    expect(await startLate('0')).toEqual({ exit: 0, status: 0 });
    expect(await readFile(join(dir, 'asked'), 'utf8')).toBe('asked\nasked\n');
  });
});
