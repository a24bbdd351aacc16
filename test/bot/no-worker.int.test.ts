import { expect, it } from '@jest/globals';
import { eventually } from '../support/eventually.ts';
import { botWorld } from '../support/slack/bot-world.ts';

const world = botWorld();

it('a card and a status say since when no worker is alive', async () => {
  await world.redis.set('hopscotch:workers:beat', Date.now() - 60_000);
  const run = await world.waitingRun();
  await world.append(run.id, {
    type: 'ApprovalGiven',
    at: new Date().toISOString(),
    gate: 'stop',
    by: 'UBEN',
    planHash: run.planHash,
  });

  await eventually(() => {
    const sent = world.slack.callsOf('chat.postMessage').concat(world.slack.callsOf('chat.update'));
    return JSON.stringify(sent.map(({ args }) => args)).includes('no worker is alive since');
  });
  await world.says('UBEN', `status ${run.id}`);
  expect(JSON.stringify(world.slack.callsOf('response_url').at(-1)?.args)).toContain(
    'no worker is alive since',
  );
});
