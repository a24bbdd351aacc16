import { describe, expect, it } from '@jest/globals';
import type { Run } from '../../../jobs/run/run.ts';
import { botWorld } from '../../support/slack/bot-world.ts';

const world = botWorld();
const { says, waitingRun } = world;
const eventsKey = (run: Run): string => `hopscotch:run:${run.id}:events`;

/** A run with a step under way, as its log says. */
async function runningRun(): Promise<Run> {
  const run = await waitingRun();
  const work = { phase: 'apply', step: 'stop', host: 'ctl1', attempt: 1 } as const;
  return world.append(
    run.id,
    { type: 'ApprovalGiven', at: run.at, gate: 'stop', by: 'UBEN', planHash: run.planHash },
    { type: 'StepStarted', at: run.at, work, before: null, changes: '', commands: [] },
    { type: 'LinkLost', at: run.at, work, reason: 'no route' },
  );
}

/** As somebody does who has a login to Redis. */
const breakings: readonly [string, (run: Run) => Promise<unknown>][] = [
  [
    'an entry that was changed',
    async (run) => {
      const id = `${run.version}-0`;
      const [[, fields] = ['', []]] = await world.redis.xrange(eventsKey(run), id, id);
      await world.redis.xdel(eventsKey(run), id);
      await world.redis.del(eventsKey(run));
      await world.redis.xadd(eventsKey(run), '1-0', 'event', String(fields[1]), 'hash', 'x');
    },
  ],
  ['the last entry removed', (run) => world.redis.xdel(eventsKey(run), `${run.version}-0`)],
  ['all of it removed', (run) => world.redis.del(eventsKey(run))],
];

describe('a cloud whose run has a broken log', () => {
  it.each(breakings)('is free once two approvers want it: %s', async (_what, breakIt) => {
    const run = await runningRun();
    await breakIt(run);
    expect(await says('UBEN', `abort ${run.id}`)).not.toContain('a defect');
    expect(await says('UANN', 'run staging restart')).toContain('is held by run');

    expect(await says('UEVE', 'unlock staging x')).toContain('only approvers of staging can');
    const first = await says('UANN', 'unlock staging the disk was replaced');
    const again = await says('UANN', 'unlock staging the disk was replaced');
    expect(await says('UANN', 'run staging restart')).toContain('is held by run');
    const second = await says('UCHI', 'unlock staging the disk was replaced');

    for (const answer of [first, again]) {
      expect(answer).toContain('Another approver has to agree within the hour');
      expect(answer).toContain('.hopscotch');
    }
    expect(second).toContain(`took staging from run ${run.id}: the disk was replaced`);
    const posts = JSON.stringify(world.slack.callsOf('chat.postMessage').map(({ args }) => args));
    expect(posts).toContain(`took staging from run ${run.id}`);
    expect(await says('UANN', 'run staging restart')).toContain('is under way as run');
  });

  it('says what may still run, by what of the log can be read', async () => {
    const run = await runningRun();
    await world.redis.xdel(eventsKey(run), `${run.version}-0`);

    expect(await says('UANN', 'unlock staging x')).toContain(
      `These may still run: stop on ctl1 (.hopscotch/${run.id}.stop.ctl1.apply1)`,
    );
  });

  it('is not taken from a run that can end by itself', async () => {
    const run = await runningRun();

    expect(await says('UANN', 'unlock staging x')).toContain(`/upgrade abort ${run.id}`);
    expect(await says('UCHI', 'unlock staging x')).toContain('is whole');
    expect(await says('UANN', 'run staging restart')).toContain('is held by run');
  });
});

describe('a run whose cloud file cannot be read any more', () => {
  it('is shown, paused and aborted by the people that it began with, and not continued', async () => {
    const run = await runningRun();
    await world.setAccess('{ engineers: [');

    expect(await says('UBEN', `status ${run.id}`)).toContain('Restart nova');
    expect(await says('UBEN', 'status')).toContain('The latest 1 runs');
    expect(await says('UEVE', `abort ${run.id}`)).toContain('only engineers and approvers');
    expect(await says('UBEN', `pause ${run.id}`)).toContain('Paused');
    expect(await says('UBEN', `resume ${run.id}`)).toContain('staging.yaml');
    expect(await says('UBEN', `abort ${run.id}`)).toContain(
      'Who may do this is as it was when the run began',
    );
    expect((await world.store.load(run.id)).aborting?.by).toBe('UBEN');
  });
});
