import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { INPUT } from '../../bot/views/modals.ts';
import { people } from '../../sandbox/people.ts';
import { type Product, buttons, eventually, said, startProduct } from '../support/product.ts';
import { type Sshd, startSshd } from '../support/sshd.ts';

let product: Product;
let sshd: Sshd;

beforeAll(async () => {
  [product, sshd] = await Promise.all([startProduct({ isHttp: true }), startSshd()]);
}, 60_000);

afterAll(async () => {
  await product.stop();
  await sshd.stop();
});

const { ann, ben, dan } = people;

it('a run whose words, buttons and answers go by signed requests comes to its end', async () => {
  await product.addCloud('harbour', sshd);
  await product.addRunbook('greet', {
    title: 'Greet',
    steps: [
      {
        id: 'greet',
        title: 'Say ahoy',
        kind: 'command',
        on: 'all',
        params: { run: ['echo', 'ahoy'], undo: [] },
      },
    ],
  });
  const { control, waitFor } = product.workspace;
  await control.command({ user: ann.id, text: 'run harbour greet' });
  const asked = await waitFor(
    (all) => all.find((message) => buttons(message).includes('run.approve')),
    { what: 'the request for approval' },
  );

  await control.click({ user: dan.id, ts: asked.ts, actionId: 'run.approve' });
  await waitFor((all) => all.some((message) => said(message).includes('only approvers')), {
    what: 'the refusal of a bystander',
  });
  await control.click({ user: ben.id, ts: asked.ts, actionId: 'run.approve' });

  const card = await waitFor(
    (all) => all.find(({ text }) => text.startsWith('Greet · harbour:') && /succeeded/.test(text)),
    { what: 'the finished card' },
  );
  await waitFor(
    (all) => all.some((message) => message.thread_ts === card.ts && said(message).includes('ahoy')),
    { what: 'the output in the thread' },
  );
});

it('the words of a modal come by a signed request, too', async () => {
  const { control, waitFor, submitModal } = product.workspace;
  const earlier = new Set((await control.messages()).map(({ ts }) => ts));
  await control.command({ user: ann.id, text: 'run harbour greet' });
  const asked = await waitFor(
    (all) => all.find(({ text, ts }) => text.startsWith('Approval needed') && !earlier.has(ts)),
    { what: 'the request for approval' },
  );
  await control.click({ user: ben.id, ts: asked.ts, actionId: 'run.reject' });
  const text = { type: 'plain_text_input', value: 'not today' };
  const { block, action } = INPUT;
  await eventually('modal', () =>
    submitModal({ user: ben.id, values: { [block]: { [action]: text } } }).catch(() => undefined),
  );

  const rejected = await waitFor(
    (all) => all.find((message) => said(message).includes('Rejected, nothing was run')),
    { what: 'the rejected run' },
  );
  expect(said(rejected)).toContain(`<@${ben.id}> said: not today`);
});
