import { isDeepStrictEqual } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { toShell } from '../../handlers/contract/command.ts';
import { actOnRun } from '../../jobs/run/act.ts';
import type { Action } from '../../jobs/run/action.ts';
import { stuckWork } from '../../jobs/run/decide.ts';
import type { RunEvent, Work } from '../../jobs/run/events.ts';
import type { Run } from '../../jobs/run/run.ts';
import { junoDifferences } from '../../sandbox/juno/snapshot.ts';
import { settleRun, runTroubles } from '../drills/drive.ts';
import { type JunoDiskLab, startJunoDiskLab } from '../support/openstack/juno.ts';
import { type RunningEngine, runningEngine } from '../support/processes/running.ts';
import {
  type EarlierName,
  earlierLog,
  eventsOf,
  earlierLogOnHosts,
  putIntoRedis,
} from '../support/runs/earlier-logs.ts';

jest.setTimeout(240_000);

const ann = { id: 'U000000ANN', isEngineer: true, isApprover: false };
const ben = { id: 'U000000BEN', isEngineer: false, isApprover: true };
let lab: JunoDiskLab;
let engine: RunningEngine;

beforeAll(async () => {
  lab = await startJunoDiskLab(['tokenCron']);
});

afterEach(() => engine.stop());

afterAll(() => lab.end());

/** Brings the hosts to where the log says that they are, by the very commands that it says went well there. */
async function replay(events: readonly RunEvent[]): Promise<void> {
  const hasWorked = (work: Work): boolean =>
    events.some((event) => event.type === 'StepSucceeded' && isDeepStrictEqual(event.work, work));
  for (const event of events) {
    if (event.type !== 'StepStarted' || !hasWorked(event.work)) continue;
    const { step, host } = event.work;
    for (const { words, stdin } of event.commands) {
      const { code, stderr } = await lab.hosts.exec(host, toShell(words), stdin);
      if (code !== 0) throw new Error(`${step} on ${host}: ${stderr}`);
    }
  }
}

/** A worker of today meets the log, ann presses Roll back, and ben confirms. Who is asked to take something back says so. */
async function rolledBack(name: EarlierName): Promise<Run> {
  const log = earlierLogOnHosts(earlierLog(name), lab.hosts);
  await replay(eventsOf(log));
  engine = await runningEngine();
  await putIntoRedis(engine.connect(), log);
  engine.startWorker();
  await press(log.run, { name: 'rollback' }, ann);
  if ((await engine.store.load(log.run)).proposed !== undefined)
    await press(log.run, { name: 'confirm', proposer: ann }, ben);
  const run = await settleRun(engine, log.run);
  if (stuckWork(run).length > 0) throw new Error(runTroubles(run));
  return run;
}

const press = (run: string, action: Action, by: typeof ann): Promise<unknown> =>
  engine.store.append(run, (now) => {
    const verdict = actOnRun(now, action, by, new Date().toISOString());
    if (!('event' in verdict)) throw new Error(verdict.reason);
    return verdict.event;
  });

describe('a run that an earlier version left in its middle', () => {
  it('is an upgrade: it rolls back, and the cloud is as it was before it', async () => {
    const before = await lab.snapshot();

    const run = await rolledBack('upgrade');

    expect(run.ended?.outcome).toBe('rolledBack');
    expect(junoDifferences(before, await lab.snapshot())).toEqual([]);
  });

  it('is a runbook of one of us: it rolls back, and asks the person who did something by hand', async () => {
    await lab.ask('ctl1', ': >/root/ready');
    await lab.ask('cmp1', ': >/root/go');
    const before = await lab.snapshot();

    const run = await rolledBack('notes');

    expect(run.ended?.outcome).toBe('rolledBack');
    expect(run.undo['console']?.get('ctl1')?.proof?.text).toBe('done');
    expect(junoDifferences(before, await lab.snapshot())).toEqual([]);
  });
});
