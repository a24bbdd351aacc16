import { Writable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { chainHash, eventsKey } from '../../../jobs/redis/stored/entries.ts';
import { canonicalJson } from '../../../jobs/run/plan.ts';
import { eventSchema } from '../../../jobs/run/upcast.ts';
import { type RunningEngine, planOn, runningEngine } from '../../support/processes/running.ts';
import { type TestSshd, startTestSshd } from '../../support/servers/sshd.ts';
import { rejection } from '../../support/eventually.ts';

let engine: RunningEngine;
let sshd: TestSshd;
let said = '';

beforeAll(async () => {
  const heard = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      said += chunk.toString();
      done();
    },
  });
  [engine, sshd] = await Promise.all([
    runningEngine(pino({ level: 'warn' }, heard)),
    startTestSshd(),
  ]);
});

afterAll(async () => {
  await engine.stop();
  await sshd.stop();
});

/** Where nobody listens: a run holds its machines as well, so each cloud that only stands here has one of its own. */
const elsewhere: Readonly<Record<string, string>> = {
  newer: '127.0.0.2',
  third: '127.0.0.3',
  fourth: '127.0.0.4',
  fifth: '127.0.0.5',
};

const begin = (cloud: string): Promise<string> => {
  const address = elsewhere[cloud] ?? '127.0.0.1';
  const greet = {
    id: 'greet',
    params: { run: ['echo', 'ahoy'], undo: [] },
    apply: [{ words: ['echo', 'ahoy'] }],
  };
  const plan = planOn({ ctl1: sshd.target({ host: 'ctl1', address }) }, [greet]);
  return engine.begin({ ...plan, cloud });
};

/** As a process of a later version appends it: in the chain, and in words that nobody knows here. */
async function appendNewer(run: string): Promise<void> {
  const redis = engine.connect();
  const [[last, [, , , hash = '']] = ['', []]] = await redis.xrevrange(eventsKey(run), '+', '-');
  const json = canonicalJson({
    type: 'MoonRose',
    at: new Date().toISOString(),
    schema: eventSchema + 1,
  });
  const id = `${Number(last.split('-')[0]) + 1}-0`;
  await redis.xadd(eventsKey(run), id, 'event', json, 'hash', chainHash(hash, json));
}

describe('a run whose log a newer version writes', () => {
  it('is left alone by a worker, which goes on with the others and says so once', async () => {
    const newer = await begin('newer');
    await appendNewer(newer);
    const lock = await engine.store.lockOf('newer');
    const own = await begin('own');
    engine.startWorker();
    await engine.approve(own);

    const { ended } = await engine.until(own, 'ended', (run) => run.ended !== undefined);
    // Looked at again with every sweep.
    const again = await begin('again');
    await engine.approve(again);
    await engine.until(again, 'ended', (run) => run.ended !== undefined);

    expect(ended?.outcome).toBe('succeeded');
    expect(await engine.connect().xlen(eventsKey(newer))).toBe(2);
    expect(await engine.store.lockOf('newer')).toEqual(lock);
    expect(said.split('\n').filter((line) => line.includes('newer version'))).toHaveLength(1);
    expect(said).toContain('Upgrade every bot and worker');
  });

  it('can be neither read nor changed here', async () => {
    const newer = await begin('third');
    await appendNewer(newer);
    const paused = () => ({ type: 'Paused', at: new Date().toISOString(), by: 'UANN' }) as const;

    for (const asked of [
      engine.store.load(newer),
      engine.store.events(newer),
      engine.store.append(newer, paused),
    ])
      expect(await rejection(asked)).toMatchObject({ name: 'NewerLog' });
    expect(await engine.connect().xlen(eventsKey(newer))).toBe(2);
  });

  it('holds its cloud as any run does, and no other', async () => {
    const newer = await begin('fourth');
    await appendNewer(newer);

    expect(await rejection(begin('fourth'))).toMatchObject({
      name: 'CloudLocked',
      message: expect.stringContaining(`held by run ${newer}`),
    });
    await expect(begin('fifth')).resolves.toEqual(expect.any(String));
  });
});
