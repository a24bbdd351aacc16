import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { Cloud } from '../../../jobs/files/cloud.ts';
import { openProbeLease } from '../../../jobs/redis/pulse.ts';
import type { RunEvent } from '../../../jobs/run/events.ts';
import { hostStep } from '../../../jobs/run/run.ts';
import type { PromisedServing } from '../../../jobs/run/serving/probe-change.ts';
import { downtimeOf } from '../../../jobs/run/serving/serving.ts';
import { watchServing } from '../../../openstack/serving/serving.ts';
import { eventually } from '../../support/eventually.ts';
import { type ServedApis, serveApis, servedPassword } from '../../support/openstack/served-apis.ts';
import { type RunningEngine, planOn, runningEngine } from '../../support/processes/running.ts';
import { work } from '../../support/runs/events.ts';
import { type TestSshd, startTestSshd } from '../../support/servers/sshd.ts';

let parts: RunningEngine;
let sshd: TestSshd;
let apis: ServedApis;
let cloud: Cloud;
const probing: (() => void)[] = [];
const promised: PromisedServing = { services: ['keystone', 'nova'], outages: [], instances: true };

beforeAll(async () => {
  [parts, sshd, apis] = await Promise.all([runningEngine(), startTestSshd(), serveApis()]);
  const password = join(sshd.home, 'password');
  await writeFile(password, `${servedPassword}\n`, { mode: 0o600 });
  cloud = Cloud.parse({
    name: 'test',
    environment: 'verification',
    channel: 'C0TEST',
    ssh: { user: 'ops', key: 'k', knownHosts: 'h' },
    hosts: { cmp1: { address: '127.0.0.1', roles: ['compute'] } },
    access: { engineers: ['UANN'], approvers: ['UBEN'] },
    serving: {
      login: {
        url: apis.urls.keystone,
        user: 'probe',
        project: 'probe',
        password: { file: password },
      },
      apis: { keystone: apis.urls.keystone, nova: apis.urls.nova },
      timeoutSeconds: 2,
    },
  });
  parts.startWorker();
}, 60_000);

afterAll(async () => {
  for (const end of probing) end();
  apis.stop();
  await parts.stop();
  await sshd.stop();
});

function probe(): () => void {
  const end = watchServing({
    store: parts.store,
    loadCloud: async () => cloud,
    lease: openProbeLease(parts.connect()),
    look: async () => ({}),
    newId: () => 'x',
    nowMs: Date.now,
    log: pino({ level: 'silent' }),
  });
  probing.push(end);
  return end;
}

/** One step on three hosts, one after the other, each of which waits for a file of its name. */
async function beginBatches(): Promise<string> {
  const script = 'echo $0 >>~/order; until [ -e ~/go ]; do sleep 0.05; done; rm ~/go';
  const hosts = ['cmp1', 'cmp2', 'cmp3'];
  const targets = Object.fromEntries(hosts.map((host) => [host, sshd.target({ host })]));
  const words = ['sh', '-c', script];
  const step = { id: 'one', batch: 1, params: { run: words, undo: [] }, apply: [{ words }] };
  const run = await parts.begin(planOn(targets, [step]), { oddities: [], serving: promised });
  await parts.approve(run);
  return run;
}

const goOn = (): Promise<void> => writeFile(join(sshd.home, 'go'), '');
const told = async (run: string): Promise<RunEvent[]> =>
  (await parts.store.events(run)).filter(({ type }) => type.startsWith('Serving'));
const isDone = async (run: string, host: string): Promise<boolean> =>
  hostStep(await parts.store.load(run), work('one', host)).status === 'succeeded';

describe('a cloud whose APIs are probed while a run lasts', () => {
  it('holds batch 3 while an API fails in batch 2, and measures for how long it was down', async () => {
    probe();
    // Another process of the same kind says nothing twice.
    probe();
    const run = await beginBatches();
    await parts.until(run, 'probed', ({ serving }) => serving?.probes['nova']?.is === 'up');
    await goOn();
    await parts.until(run, 'in batch 2', (now) => hostStep(now, work('one', 'cmp2')).began);

    apis.turn('nova', 'ill');
    await parts.until(run, 'down', ({ serving }) => serving?.probes['nova']?.is === 'down');
    await goOn();
    await eventually(() => isDone(run, 'cmp2'));
    await sleep(1500);
    expect(hostStep(await parts.store.load(run), work('one', 'cmp3')).status).toBe('pending');

    // It hangs for a while before it answers again.
    apis.turn('nova', 'hanging');
    await sleep(700);
    apis.turn('nova', 'well');
    await parts.until(run, 'batch 3', (now) => hostStep(now, work('one', 'cmp3')).began);
    await goOn();
    const ended = await parts.until(run, 'ended', (now) => now.ended !== undefined);

    expect(ended.ended?.outcome).toBe('succeeded');
    const [down, , up] = apis.ledger.map(({ ms }) => ms);
    const downMs = downtimeOf(ended, 'nova', new Date().toISOString());
    expect(Math.abs(downMs - ((up ?? 0) - (down ?? 0)))).toBeLessThan(1000);
    expect(downtimeOf(ended, 'keystone', new Date().toISOString())).toBe(0);
    // All at once, down, up: however often it was looked.
    expect(await told(run)).toMatchObject([
      {
        changes: [
          { probe: 'keystone', is: 'up' },
          { probe: 'nova', is: 'up' },
        ],
      },
      { changes: [{ probe: 'nova', is: 'down', why: 'HTTP 503' }] },
      { changes: [{ probe: 'nova', is: 'up' }] },
    ]);
    expect(JSON.stringify(await parts.store.events(run))).not.toContain(servedPassword);
  }, 60_000);

  it('asks each over a connection of its own, at most twice a second', () => {
    for (const name of ['keystone', 'nova'] as const) {
      const calls = apis.calls(name);
      expect(calls.length).toBeGreaterThan(5);
      expect(new Set(calls.map(({ connection }) => connection)).size).toBe(calls.length);
      const seconds = ((calls.at(-1)?.ms ?? 0) - (calls[0]?.ms ?? 0)) / 1000;
      expect(calls.length).toBeLessThanOrEqual(2 * seconds + 2);
    }
  });

  it('takes a token that keystone forgot for no outage, and says so where nobody probes', async () => {
    const run = await beginBatches();
    await parts.until(run, 'probed', ({ serving }) => serving?.probes['nova']?.is === 'up');
    const before = apis.calls('nova').length;
    apis.forgetTokens();
    await eventually(() => apis.calls('nova').length > before + 4);
    expect(await told(run)).toHaveLength(1);

    for (const end of probing) end();
    const unprobed = await parts.until(
      run,
      'not probed',
      ({ serving }) => serving?.probes['nova']?.is === 'notProbed',
    );
    expect(unprobed.serving?.probes['keystone']).toMatchObject({ why: 'no prober runs' });
    probe();
    await parts.until(run, 'probed again', ({ serving }) => serving?.probes['nova']?.is === 'up');
    for (const host of ['cmp1', 'cmp2', 'cmp3']) {
      await parts.until(run, 'begun', (now) => hostStep(now, work('one', host)).began);
      await goOn();
      await eventually(() => isDone(run, host));
    }
    expect(await readFile(join(sshd.home, 'order'), 'utf8')).toMatch(/^(sh\n){6}$/);
  }, 60_000);
});
