import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { people } from '../../sandbox/people.ts';
import type { Message } from '../../sandbox/slack.ts';
import { type Product, buttons, eventually, said, startProduct } from '../support/product.ts';
import { type Sshd, startSshd } from '../support/sshd.ts';

let product: Product;
let sshd: Sshd;

beforeAll(async () => {
  [product, sshd] = await Promise.all([startProduct(), startSshd()]);
}, 60_000);

afterAll(async () => {
  await product.stop();
  await sshd.stop();
});

const { ann, ben, dan } = people;

const approval = (messages: Message[], about: string): Message | undefined =>
  messages.find(
    (message) => buttons(message).includes('run.approve') && said(message).includes(about),
  );

describe('a run in a local Slack workspace', () => {
  it('goes to its end with the approval of a second person', async () => {
    await product.addCloud('harbour', sshd);
    await product.addRunbook('greet', {
      title: 'Greet the harbour',
      steps: [
        {
          id: 'greet',
          title: 'Greet',
          kind: 'command',
          on: 'control',
          params: { run: ['echo', 'ahoy'], undo: [] },
        },
        {
          id: 'part',
          title: 'Part',
          kind: 'command',
          on: 'all',
          params: { run: ['echo', 'fare well'], undo: [] },
        },
      ],
    });
    const { control, waitFor } = product.workspace;
    await control.command({ user: ann.id, text: 'run harbour greet' });
    const asked = await waitFor((all) => approval(all, 'echo ahoy'), {
      what: 'the request for approval',
    });

    await control.click({ user: ann.id, ts: asked.ts, actionId: 'run.approve' });
    await waitFor((all) => all.find((message) => said(message).includes('does not approve it')), {
      what: 'the refusal of her own approval',
    });
    await control.click({ user: dan.id, ts: asked.ts, actionId: 'run.approve' });
    await waitFor((all) => all.find((message) => said(message).includes('only approvers')), {
      what: 'the refusal of a bystander',
    });
    await control.click({ user: ben.id, ts: asked.ts, actionId: 'run.approve' });

    const card = await waitFor(
      (all) =>
        all.find(
          (message) =>
            said(message).includes('Greet the harbour') && said(message).includes('succeeded'),
        ),
      {
        what: 'the finished card',
      },
    );
    expect(buttons(card)).not.toContain('run.pause');
    // The thread follows the card, at about a line a second.
    await eventually('line of the last step', async () => {
      const thread = (await control.thread(card.ts)).map(said).join('\n');
      return (thread.includes('ahoy') && thread.includes('fare well')) || undefined;
    });
  });
});
