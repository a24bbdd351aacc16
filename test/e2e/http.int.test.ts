import { expect, it } from '@jest/globals';
import { MODAL_INPUT } from '../../bot/views/modals.ts';
import { pretendPeople } from '../../sandbox/slack/people.ts';
import { buttonsOfMessage } from '../../sandbox/slack/reading.ts';
import { onProduct, programStep } from '../support/processes/on-product.ts';
import { eventuallyOnProduct, messageText } from '../support/processes/product.ts';

const { ben, dan } = pretendPeople;
const world = onProduct({ isHttp: true });

it('a run whose words, buttons and answers go by signed requests comes to its end', async () => {
  const { addCloud, addRunbook, workspace } = world.product;
  await addCloud('harbour', world.sshd);
  await addRunbook('greet', { title: 'Greet', steps: [programStep('greet', 'echo', 'ahoy')] });
  await world.type('run harbour greet');
  const asked = await world.requestOn('harbour');

  await world.press(asked, 'run.approve', dan);
  await workspace.waitFor(
    (all) => all.some((message) => messageText(message).includes('only approvers')),
    {
      what: 'the refusal of a bystander',
    },
  );
  await world.press(asked, 'run.approve', ben);

  const card = await world.cardOf('Greet · harbour', 'succeeded');
  await eventuallyOnProduct(
    'the output in the thread',
    async () => (await world.threadOf(card)).includes('ahoy') || undefined,
  );
});

it('the words of a modal come by a signed request, too', async () => {
  const { waitFor, submitModal } = world.product.workspace;
  const earlier = new Set((await world.messages()).map(({ ts }) => ts));
  await world.type('run harbour greet');
  const asked = await waitFor(
    (all) =>
      all.find(
        (message) => buttonsOfMessage(message).includes('run.reject') && !earlier.has(message.ts),
      ),
    { what: 'the request for approval' },
  );
  await world.press(asked, 'run.reject', ben);
  const text = { type: 'plain_text_input', value: 'not today' };
  const { block, action } = MODAL_INPUT;
  await eventuallyOnProduct('modal', () =>
    submitModal({ user: ben.id, values: { [block]: { [action]: text } } }).catch(() => undefined),
  );

  const rejected = await waitFor(
    (all) => all.find((message) => messageText(message).includes('Rejected, nothing was run')),
    { what: 'the rejected run' },
  );
  expect(messageText(rejected)).toContain(`<@${ben.id}> said: not today`);
});
