import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { processesNaming } from '../../sandbox/hosts/survivors.ts';
import { eventually } from '../support/eventually.ts';

describe('the demo', () => {
  // It plays for more than a minute, most of which it waits as Slack wants it: the other test goes on meanwhile.
  let alone: Demo;
  beforeAll(() => {
    alone = start('--auto', 'sandbox');
  });
  afterAll(() => void alone.child.kill());

  it('says what to type, and leaves nothing behind when it is stopped', async () => {
    const { child, said, closed } = start();
    await eventually(() => {
      if (child.exitCode !== null) throw new Error(`it ended: ${said()}`);
      return said().includes('Ctrl-C stops everything');
    }, 100_000);
    const [, dir = ''] = /Its log: (.*)\/product\.log/.exec(said()) ?? [];
    const [, page = ''] = /Open (\S+) /.exec(said()) ?? [];
    expect(said()).toContain('/upgrade run sandbox broken');
    expect(said()).toContain('/upgrade start juno-lab liberty');
    expect((await fetch(page)).status).toBe(200);
    expect(processesNaming(dir)).not.toEqual([]);

    child.kill('SIGINT');

    expect(await closed).toBe(0);
    expect(processesNaming(dir)).toEqual([]);
    expect(existsSync(dir)).toBe(false);
    await expect(fetch(page)).rejects.toThrow('fetch failed');
  }, 120_000);

  it('plays a failure with its rollback, an upgrade and a repaired second try', async () => {
    const { said, closed } = alone;

    const code = await closed;

    const lines = said().split('\n');
    expect(lines.filter((line) => line.startsWith('  ✗'))).toEqual([]);
    expect(lines).toEqual(
      expect.arrayContaining([
        '  ✓ it offers Retry, Roll back, Output and More',
        '  ✓ in reverse order, last step first',
        '  ✓ every package, file and service is as it was before: 0 differences',
        '  ✓ after Retry the run goes on to its end',
      ]),
    );
    expect(code).toBe(0);
  }, 300_000);
});

type Demo = ReturnType<typeof start>;

function start(...flags: readonly string[]) {
  const child = spawn(process.execPath, ['--import', 'tsx', 'sandbox/story/demo.ts', ...flags], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.on('data', (bytes: Buffer) => (text += bytes.toString()));
  const closed = once(child, 'close').then(([code]: unknown[]) => code);
  return { child, said: () => text, closed };
}
