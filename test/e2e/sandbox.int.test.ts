import { describe, expect, it } from '@jest/globals';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { processesOf } from '../../sandbox/survivors.ts';

describe('the demo', () => {
  it('plays a failure with its way back, an upgrade and a repaired second try', async () => {
    const { child, said } = start('--auto', 'sandbox');

    const [code] = await once(child, 'close');

    const lines = said().split('\n');
    expect(lines.filter((line) => line.startsWith('  ✗'))).toEqual([]);
    expect(lines).toEqual(
      expect.arrayContaining([
        '  ✓ it offers Retry, Skip, Roll back and Abort',
        '  ✓ in reverse order, last step first',
        '  ✓ every package, file and service is as it was before: 0 differences',
        '  ✓ after Retry the run goes on to its end',
      ]),
    );
    expect(code).toBe(0);
  }, 300_000);

  it('says what to type, and leaves nothing behind when it is stopped', async () => {
    const { child, said } = start();
    await told(child, said, 'Ctrl-C stops everything');
    const [, dir = ''] = /Its log: (.*)\/product\.log/.exec(said()) ?? [];
    const [, page = ''] = /Open (\S+) /.exec(said()) ?? [];
    expect(said()).toContain('/upgrade run sandbox broken');
    expect(said()).toContain('/upgrade start juno-lab liberty');
    expect((await fetch(page)).status).toBe(200);
    expect(processesOf(dir)).not.toEqual([]);

    child.kill('SIGINT');
    const [code] = await once(child, 'close');

    expect(code).toBe(0);
    expect(processesOf(dir)).toEqual([]);
    expect(existsSync(dir)).toBe(false);
    await expect(fetch(page)).rejects.toThrow('fetch failed');
  }, 120_000);
});

function start(...flags: readonly string[]) {
  const child = spawn(process.execPath, ['--import', 'tsx', 'sandbox/demo.ts', ...flags], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.on('data', (bytes: Buffer) => (text += bytes.toString()));
  return { child, said: () => text };
}

async function told(child: ChildProcess, said: () => string, words: string): Promise<void> {
  while (!said().includes(words)) {
    if (child.exitCode !== null) throw new Error(`it ended: ${said()}`);
    await new Promise((done) => setTimeout(done, 50));
  }
}
