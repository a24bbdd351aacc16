import { describe, expect, it } from '@jest/globals';
import { perform } from '../../../bot/desk/perform.ts';
import type { Thread } from '../../../bot/outbox/posts.ts';
import type { Press } from '../../../bot/actions/press.ts';
import type { RunEvent } from '../../../jobs/run/events.ts';
import { fold } from '../../../jobs/run/fold.ts';
import type { LookAnswer } from '../../../jobs/redis/look-request.ts';
import type { UpgradeRequest } from '../../../openstack/plan/planner.ts';
import { type Plan, planHash } from '../../../jobs/run/plan.ts';
import type { Runbook } from '../../../jobs/files/runbook.ts';
import type { Store } from '../../../jobs/redis/store.ts';
import { OperatorError } from '../../../handlers/contract/errors.ts';
import { cloud as juno } from '../../openstack/juno-cloud.ts';
import { knowledge } from '../../openstack/known.ts';
import { looked } from '../../openstack/looked.ts';
import { listed } from '../../support/listed.ts';
import { drawn } from '../../support/slack/drawn.ts';
import { compose } from '../../../jobs/run/compose.ts';
import type { Desk } from '../../../bot/desk/desk.ts';

const cloud = { ...juno, access: { ...juno.access, engineers: ['UANN'], approvers: ['UBEN'] } };
const at = '2026-11-22T02:00:00.000Z';
const runbook: Runbook = {
  title: 'Upgrade example-juno from Juno to Liberty',
  description: 'Upgrade path: Juno, Kilo, Liberty.',
  steps: [
    {
      id: 'stop',
      title: 'stop nova-api',
      kind: 'service',
      on: 'control',
      params: { name: 'nova-api', state: 'stopped', manager: 'sysv' },
      maxFailures: 0,
      approval: true,
      notes: ['It is down.'],
    },
  ],
};

const said = (text: string, user = 'UANN'): Press => ({
  id: 'a1b2c3d4e5f6a7b8',
  at,
  user,
  channel: 'C0OPS',
  source: 'word',
  text,
});

/** A desk of this cloud whose hosts answer so. */
function deskOf(answer: LookAnswer = looked(), logs: Readonly<Record<string, RunEvent[]>> = {}) {
  const [threads, asked, planned]: [Thread[], string[], UpgradeRequest[]] = [[], [], []];
  const created: Plan[] = [];
  // The cast: starting asks no more of the store than this.
  const store = {
    create: async (event) => {
      created.push(event.plan);
      return fold([event]);
    },
    recent: async () => Object.keys(logs),
    events: async (id) => logs[id] ?? [],
  } as Pick<Store, 'create' | 'recent' | 'events'> as Store;
  const desk: Desk = {
    store,
    queues: { decideAgain: async () => {}, card: async () => {} },
    access: listed,
    loadCloud: async () => cloud,
    loadRunbook: async () => runbook,
    readOutput: async () => undefined,
    checkChannel: async () => {},
    upgrades: {
      knowledge,
      look: async (id) => {
        asked.push(id);
        return answer;
      },
      readConfigFiles: async () => ({ 'kilo/all/etc/nova/nova.conf': '[DEFAULT]\n' }),
      plan: (request) => {
        planned.push(request);
        return runbook;
      },
      post: async (_id, thread) => {
        threads.push(thread);
        return {};
      },
    },
    recognise: () => undefined,
    now: () => at,
    dates: 'plain',
  };
  return { desk, threads, asked, planned, created };
}

describe('planning an upgrade', () => {
  it('plans on what the hosts say now, and posts all of it in the channel of the cloud', async () => {
    const { desk, threads, asked, planned } = deskOf();
    const asides: string[] = [];

    const answer = await perform(said('plan example-juno liberty', 'UBEN'), desk, async (message) =>
      asides.push(message.text),
    );

    expect(asides).toEqual(['Looking at the 6 hosts of example-juno…']);
    expect(asked).toEqual(['a1b2c3d4e5f6a7b8']);
    expect(planned).toMatchObject([
      {
        target: 'liberty',
        facts: {
          series: 'juno',
          databases: { nova: { revision: '254', rowsBlocking: 2 } },
          configFiles: { 'kilo/all/etc/nova/nova.conf': '[DEFAULT]\n' },
        },
      },
    ]);
    expect(threads).toMatchObject([
      {
        channel: cloud.channel,
        files: [
          { name: expect.stringMatching(/\.md$/) },
          { name: expect.stringMatching(/\.json$/) },
        ],
      },
    ]);
    expect(threads[0]?.replies.map(drawn).join('\n')).toContain('/etc/init.d/nova-api stop');
    expect(drawn(answer)).toContain('*Next*  `/upgrade start example-juno liberty`');
  });

  it('hands on where hosts should end, and that nobody supports it, and says how it is started', async () => {
    const { desk, planned } = deskOf();

    const answer = await perform(
      said('plan example-juno liberty on xenial only nova —unsupported'),
      desk,
    );

    expect(planned).toMatchObject([{ codename: 'xenial', only: ['nova'], unsupported: '' }]);
    expect(drawn(answer)).toContain(
      '`/upgrade start example-juno liberty on xenial only nova --unsupported REASON`',
    );
  });

  it('plans for some services, and says which host did not answer', async () => {
    const { cmp1: _away, ...others } = looked();
    const problem = { message: 'reaching cmp1: no answer', hint: 'look at its console' };
    const { desk, planned } = deskOf({ ...others, cmp1: { problem } });

    const answer = await perform(said('plan example-juno liberty only keystone'), desk);

    expect(planned).toMatchObject([{ only: ['keystone'] }]);
    expect(drawn(answer)).toContain('✗ *No answer from cmp1*');
  });
});

describe('starting an upgrade', () => {
  it('looks and plans afresh, and starts a run of just that plan', async () => {
    const { desk, asked, created } = deskOf();

    const answer = await perform(said('start example-juno liberty'), desk);

    expect([asked.length, created.length]).toEqual([1, 1]);
    expect(answer.text).toContain('is under way as run');
  });

  it('does not begin on what nobody saw', async () => {
    const { cmp1: _away, ...others } = looked();
    const problem = { message: 'reaching cmp1: no answer', hint: 'look at its console' };
    const silent = deskOf({ ...others, cmp1: { problem } });
    const denied = deskOf(
      looked((_host, line) =>
        line.includes('.cnf')
          ? { exit: 1, stderr: 'ERROR 1045 (28000): Access denied' }
          : undefined,
      ),
    );

    expect((await perform(said('start example-juno liberty'), silent.desk)).text).toMatch(
      /no answer from cmp1.*\nlook at its console/,
    );
    expect((await perform(said('start example-juno liberty'), denied.desk)).text).toMatch(
      /the schema of database keystone is not known: ERROR 1045/,
    );
    expect([...silent.created, ...denied.created]).toEqual([]);
  });

  it('answers what the planner refuses', async () => {
    const { desk, created } = deskOf();
    const refusing: Desk = {
      ...desk,
      upgrades: {
        ...desk.upgrades,
        plan: () => {
          throw new OperatorError('planning: files are missing', { hint: 'Put them there.' });
        },
      },
    };

    expect((await perform(said('start example-juno liberty'), refusing)).text).toBe(
      'Nothing was done: planning: files are missing\nPut them there.',
    );
    expect(created).toEqual([]);
  });
});

describe('starting an upgrade of a production cloud', () => {
  const production = {
    ...cloud,
    environment: 'production' as const,
    access: {
      ...cloud.access,
      approvers: ['UBEN', 'UCHIE'],
      approvals: { reversible: 1, restorable: 1, oneWay: 2 },
    },
  };
  const inProduction = (logs?: Readonly<Record<string, RunEvent[]>>) => {
    const { desk, ...rest } = deskOf(looked(), logs);
    return { ...rest, desk: { ...desk, loadCloud: async () => production } };
  };
  const plan = compose(cloud, runbook, 'openstack:liberty');
  const rehearsed: RunEvent[] = [
    { type: 'RunRequested', at, run: 'aaa111', by: 'UANN', plan, planHash: planHash(plan) },
    { type: 'RunEnded', at, outcome: 'succeeded' },
    { type: 'RollbackRequested', at, by: 'UANN', to: 'stop' },
    { type: 'RunEnded', at, outcome: 'rolledBack' },
  ];

  it('wants a rehearsal, and says how to get one', async () => {
    const { desk, created } = inProduction();

    const { text } = await perform(said('start example-juno liberty only nova'), desk);

    expect(text).toContain('production cloud example-juno: this plan never ran on a verification');
    expect(text).toContain('`/upgrade start CLOUD liberty only nova`');
    expect(text).toContain('`/upgrade start example-juno liberty only nova unrehearsed REASON`');
    expect(created).toEqual([]);
  });

  it('starts with one', async () => {
    const { desk, created } = inProduction({ aaa111: rehearsed });

    await perform(said('start example-juno liberty'), desk);

    expect(created).toMatchObject([{ steps: [{ gate: 1, notes: ['It is down.'] }] }]);
  });

  it('starts without one for a reason, with the most approvals that the cloud asks for of any step', async () => {
    const { desk, created } = inProduction();

    await perform(said('start example-juno liberty unrehearsed The lab burnt down'), desk);

    expect(created).toMatchObject([
      {
        steps: [
          {
            gate: 2,
            notes: [
              'Not rehearsed: this plan never ran on a verification cloud. Started all the same, because: The lab burnt down',
              'It is down.',
            ],
          },
        ],
      },
    ]);
  });

  it('does not start what can never be approved', async () => {
    const { desk, created } = inProduction({ aaa111: rehearsed });
    const alone = { ...production.access, approvers: ['UANN'] };

    const { text } = await perform(said('start example-juno liberty'), {
      ...desk,
      loadCloud: async () => ({ ...production, access: { ...alone, engineers: ['UANN', 'UBEN'] } }),
    });

    expect(text).toContain('needs 1 approval, and on example-juno nobody can give it');
    expect(created).toEqual([]);
  });

  it('needs none on a verification cloud', async () => {
    const { desk, created } = deskOf();

    await perform(said('start example-juno liberty unrehearsed why not'), desk);

    expect(created).toMatchObject([{ steps: [{ gate: 1, notes: ['It is down.'] }] }]);
  });
});
