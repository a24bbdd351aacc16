import { readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { Run } from '../../../jobs/run/run.ts';
import { oneStepEach, theOne } from '../../support/processes/one-step.ts';
import { eventually } from '../../support/eventually.ts';

const one = oneStepEach();
const starts = (): Promise<string> => readFile(`${one.dir}/starts`, 'utf8');

/** A run of one step that is counted, writes its pid and ends once it is let go. */
async function begin(script: string): Promise<string> {
  const whole = `echo start >>${one.dir}/starts; echo $$ >${one.dir}/pid; ${script}`;
  const id = await one.begin(whole);
  await eventually(() => starts().catch(() => undefined));
  return id;
}

const kill = async (): Promise<void> => {
  process.kill(Number(await readFile(`${one.dir}/pid`, 'utf8')), 'SIGKILL');
};

const untilForgotten = (id: string): Promise<Run> =>
  one.engine.until(
    id,
    'forgotten',
    (run) => theOne(run).evidence?.includes('knows nothing of it') === true,
  );

describe('a step that its host has forgotten', () => {
  it('is unknown, and does not start again by itself, when it removed its own record', async () => {
    const first = one.engine.startWorker();
    const id = await begin('until rm -rf ~/.hopscotch/*; do :; done; exec sleep 300');
    await first.drain();
    one.engine.startWorker();

    const run = await untilForgotten(id);

    expect(theOne(run)).toMatchObject({ status: 'unknown', attempt: 1 });
    expect(theOne(run).evidence).toContain('(sleep 300)');
    expect(theOne(run)).not.toHaveProperty('reattached');
    expect(await starts()).toBe('start\n');
    await kill();
  });

  it('is unknown, and does not start again, when its silent host comes back as it was before', async () => {
    one.engine.startWorker();
    const id = await begin('exec sleep 300');
    await one.sshd.halt();
    one.sshd.cut();
    const silent = await one.engine.until(id, 'unknown', (run) => theOne(run).status === 'unknown');
    expect(theOne(silent).lostAt).toBeDefined();
    await rename(join(one.sshd.home, '.hopscotch'), join(one.dir, 'later'));
    await one.sshd.start();

    const run = await untilForgotten(id);

    expect(theOne(run)).toMatchObject({ status: 'unknown', attempt: 1 });
    expect(theOne(run)).not.toHaveProperty('lostAt');
    expect(await starts()).toBe('start\n');
    await kill();
  });
});
