import { describe, expect, it } from '@jest/globals';
import { people } from '../../sandbox/people.ts';
import { onProduct, runs } from '../support/on-product.ts';
import { buttons, eventually, said } from '../support/product.ts';

const { ann, ben, dan } = people;
const at = onProduct();

const answered = (words: string) =>
  at.product.workspace.waitFor((all) => all.find((message) => said(message).includes(words)), {
    what: `an answer that says: ${words}`,
  });

describe('a run in a local Slack workspace', () => {
  it('goes to its end with the approval of a second person', async () => {
    const steps = [
      { ...runs('greet', 'echo', 'ahoy'), on: 'control' },
      runs('part', 'echo', 'fare well'),
    ];
    await at.product.addCloud('harbour', at.sshd);
    await at.product.addRunbook('greet', { title: 'Greet the harbour', steps });
    await at.type('run harbour greet');
    const asked = await at.requestOn('echo ahoy');

    await at.press(asked, 'run.approve', ann);
    await answered('does not approve it');
    await at.press(asked, 'run.approve', dan);
    await answered('only approvers');
    await at.press(asked, 'run.approve', ben);

    const card = await at.cardOf('Greet the harbour · harbour', 'succeeded');
    expect(buttons(card)).not.toContain('run.pause');
    // The thread follows the card, at about a line a second.
    await eventually('line of the last step', async () => {
      const thread = await at.threadOf(card);
      return (thread.includes('ahoy') && thread.includes('fare well')) || undefined;
    });
  });
});
