import { readFile, writeFile } from 'node:fs/promises';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { oneStepEach, theOne } from '../../support/processes/one-step.ts';

afterEach(() => {
  jest.restoreAllMocks();
});
const one = oneStepEach();

describe('a worker whose clock is two hours ahead', () => {
  it('lets a step of another run to its end, and writes down the time that all share', async () => {
    const first = one.engine.startWorker();
    const script = `echo start >>${one.dir}/starts; until [ -e ${one.dir}/go ]; do sleep 0.05; done`;
    const id = await one.begin(script);
    await first.drain();
    const real = Date.now;
    jest.spyOn(Date, 'now').mockImplementation(() => real() + 2 * 3_600_000);
    one.engine.startWorker();
    await one.engine.until(id, 'reattached', (run) => theOne(run).reattached !== undefined);
    await writeFile(`${one.dir}/go`, '');

    const run = await one.engine.until(id, 'ended', ({ ended }) => ended !== undefined);

    expect(theOne(run)).toMatchObject({ status: 'succeeded', exitCode: 0 });
    expect(await readFile(`${one.dir}/starts`, 'utf8')).toBe('start\n');
    expect(Date.parse(theOne(run).finishedAt ?? '')).toBeLessThan(real() + 3_600_000);
  });
});
