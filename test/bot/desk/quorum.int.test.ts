import { describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { advanceRun } from '../../../jobs/redis/engine.ts';
import { openQueues } from '../../../jobs/redis/queue.ts';
import { stateMark } from '../../../jobs/run/act.ts';
import { beginningEvent } from '../../../jobs/run/quorum.ts';
import type { Run } from '../../../jobs/run/run.ts';
import { botWorld } from '../../support/slack/bot-world.ts';
import { eventually } from '../../support/eventually.ts';

const world = botWorld();
const { presses, says, setAccess, waitingRun } = world;

const two = (approvers: string, approvals = '{ reversible: 2 }'): string =>
  `{ engineers: [UANN], approvers: [${approvers}], approvals: ${approvals} }`;

/** Lets the engine have its say, as a worker does after every event. */
async function advance(run: string): Promise<void> {
  const queues = openQueues(world.redis);
  const { store } = world;
  const now = (): string => new Date().toISOString();
  await advanceRun({ store, queues, now, log: pino({ level: 'silent' }) }, run);
  await queues.close();
}

const approve = (user: string, run: Run): Promise<string> =>
  presses(user, 'run.approve', { run: run.id, seen: stateMark(run, 'approve') });

const voided = (run: string) =>
  eventually(async () =>
    (await world.store.events(run)).find((event) => event.type === 'ApprovalsVoided'),
  );

const post = (text: RegExp) =>
  eventually(() => world.slack.messages.find((message) => text.test(message.text)));

describe('an approver who is removed after approving', () => {
  it('counts no more when the next one approves, is named, and all are asked anew', async () => {
    await setAccess(two('UBEN, UCHI, UDAN'));
    const run = await waitingRun();
    expect(await approve('UBEN', run)).toContain('1 of 2 approvals are given');
    await setAccess(two('UCHI, UDAN'));

    const answer = await approve('UCHI', run);

    expect(answer).toContain('<@UBEN> can no longer approve on staging');
    expect(await world.store.load(run.id)).toMatchObject({
      gates: { stop: { approvals: [], voided: { lost: ['UBEN'] } } },
    });
    await advance(run.id);
    const anew = await world.readable(await world.store.load(run.id));
    expect(await approve('UCHI', anew)).toContain('1 of 2 approvals are given');
    await post(/^Approval void, and asked for anew/);
    await post(/^Approval needed: .*1 of 2/);
    const [line] = await eventually(() => {
      const lines = world.slack.messages.filter(
        ({ thread_ts, text }) => thread_ts && /is void/.test(text),
      );
      return lines.length > 0 ? lines : undefined;
    });
    expect(line?.text).toContain('<@UBEN> can no longer approve on staging. It is asked for anew');
  });

  it('is found without a press, too', async () => {
    await setAccess(two('UBEN, UCHI, UDAN'));
    const run = await waitingRun();
    await approve('UBEN', run);
    await setAccess(two('UCHI, UDAN'));

    expect(await voided(run.id)).toMatchObject({ lost: ['UBEN'], needed: 2 });
  });
});

describe('more approvals, asked for while a request is open', () => {
  it('void it, and are what it takes from then on', async () => {
    await setAccess(two('UBEN, UCHI, UDAN', '{ reversible: 1, oneWay: 1 }'));
    const run = await waitingRun();
    await setAccess(two('UBEN, UCHI, UDAN'));

    expect(await voided(run.id)).toMatchObject({ lost: [], needed: 2, neededBefore: 1 });
    await advance(run.id);
    const anew = await world.readable(await world.store.load(run.id));
    expect(await approve('UBEN', anew)).toContain('1 of 2 approvals are given');
    expect(await says('UCHI', `approve ${run.id}`)).toContain('Approved');
  });

  it('never become fewer than were planned', async () => {
    await setAccess(two('UBEN, UCHI, UDAN'));
    const run = await waitingRun();
    await setAccess(two('UBEN, UCHI, UDAN', '{ reversible: 1 }'));

    expect(await approve('UBEN', run)).toContain('1 of 2 approvals are given');
  });
});

describe('a quorum that was counted long ago', () => {
  it('is judged before anything begins on it', async () => {
    await setAccess(two('UBEN, UCHI', '{ reversible: 1 }'));
    const run = await waitingRun();
    const at = new Date(Date.now() - 60_000).toISOString();
    const { planHash } = run;
    await world.append(run.id, { type: 'ApprovalGiven', at, gate: 'stop', by: 'UBEN', planHash });
    const work = { phase: 'apply', step: 'stop', host: 'ctl1', attempt: 1 } as const;
    const begin = () =>
      world.store.append(run.id, (state) =>
        beginningEvent(
          state,
          { work, event: { type: 'StepUnchanged', at, work } },
          new Date().toISOString(),
        ),
      );

    expect((await begin()).event?.type).toBe('ApprovalsDoubted');
    expect((await begin()).event).toBeUndefined();
    await eventually(async () => (await world.store.load(run.id)).gates['stop']?.confirmedAt);
    expect((await begin()).event?.type).toBe('StepUnchanged');
  });
});
