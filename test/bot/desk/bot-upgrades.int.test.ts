import { afterEach, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { keepAnswer } from '../../../jobs/redis/inspect-request.ts';
import { InspectJob } from '../../../jobs/redis/queue.ts';
import { openWorker } from '../../../jobs/redis/queues/open-worker.ts';
import { plainKeeping } from '../../../jobs/redis/seal/seal.ts';
import { inspectAnswers } from '../../openstack/inspect-answers.ts';
import { botWorld } from '../../support/slack/bot-world.ts';
import { eventually } from '../../support/eventually.ts';

const world = botWorld();
const { says } = world;

describe('looking at a cloud', () => {
  let answers: { close: () => Promise<void> } | undefined;

  afterEach(async () => {
    await answers?.close();
    answers = undefined;
  });

  /** Workers whose hosts answer as a Juno cloud does. */
  function answering(): readonly string[] {
    const ids: string[] = [];
    answers = openWorker(
      'steps',
      async ({ data }) => {
        const { id } = InspectJob.parse(data);
        ids.push(id);
        await keepAnswer({ redis: world.redis, seal: plainKeeping.seal }, id, inspectAnswers());
      },
      {
        connection: world.server.connect(),
        log: pino({ level: 'silent' }),
      },
    );
    return ids;
  }

  it('says at once that it looks, then what it found; all of it goes to the channel', async () => {
    const asked = answering();

    expect(await says('UBEN', 'inspect example-juno')).toBe(
      'Inspecting the 6 hosts of example-juno…',
    );
    const found = await eventually(() => world.slack.toldTo('UBEN')[1]);
    expect(found).toBe('Inspection of example-juno: Juno everywhere');
    const [head, ...details] = world.slack.messages;
    expect(JSON.stringify(head?.blocks)).toContain('<@UBEN> asked for it');
    expect(new Set(details.map(({ thread_ts }) => thread_ts))).toEqual(new Set([head?.ts]));
    expect(JSON.stringify(details)).toMatch(
      /Juno, 1:2014\.2\.4-0ubuntu1~cloud1\.2: [a-z, -]*nova-compute/,
    );
    expect(asked).toHaveLength(1);
  });

  it('is for engineers and approvers; an upgrade is started by engineers alone', async () => {
    expect(await says('UCHI', 'inspect example-juno')).toContain(
      'only engineers and approvers of example-juno can do that',
    );
    expect(await says('UCHI', 'plan example-juno liberty')).toContain('These can: <@UANN>');
    expect(await says('UBEN', 'start example-juno liberty')).toContain(
      'only engineers of example-juno can start upgrades of it',
    );
    expect(world.slack.messages).toEqual([]);
  });

  it('answers a release that there is not before anybody waits for hosts', async () => {
    expect(await says('UANN', 'plan example-juno librety')).toContain('Did you mean liberty?');
  });

  it('plans an upgrade whole into the thread, with files, and starts the very same plan', async () => {
    answering();

    await says('UANN', 'plan example-juno liberty only glance');
    await eventually(() => world.slack.toldTo('UANN')[1]);
    const [head, ...replies] = world.slack.messages;
    const all = JSON.stringify(replies.map(({ blocks }) => blocks));
    expect(head?.text).toContain('Upgrade example-juno from Juno to Liberty (only glance)');
    expect(all).toContain('glance-manage db_sync');
    expect(all).toContain('*Part 2: steps 13–25* · 1 approval');
    expect(world.slack.files.map(({ name, threadTs }) => [name.split('.')[1], threadTs])).toEqual([
      ['md', head?.ts],
      ['json', head?.ts],
    ]);

    await says('UANN', 'start example-juno liberty only glance');
    expect(await eventually(() => world.slack.toldTo('UANN')[3])).toContain('is under way as run');
    const [id = ''] = await world.store.recent(1);
    const { plan, planHash } = await world.store.load(id);
    expect(plan.runbook).toBe('openstack:liberty');
    expect(head?.text).toContain(plan.title);
    expect(world.slack.files[1]?.content).toContain(planHash);
  });

  it('says what a plan lacks, once it has looked', async () => {
    answering();

    await says('UANN', 'plan example-juno liberty');
    expect(await eventually(() => world.slack.toldTo('UANN')[1])).toMatch(
      /files are missing\nkilo\/all\/etc\/apache2/,
    );
    expect(world.slack.messages).toEqual([]);
  });
});
