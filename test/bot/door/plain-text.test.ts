import { describe, expect, it } from '@jest/globals';
import { plainText } from '../../../bot/door/plain-text.ts';
import { textMessage } from '../../../bot/views/blocks.ts';

const plain = (text: string): string =>
  plainText(textMessage(text), (id) => (id === 'U0ANN' ? 'ann' : undefined));

describe('a message of Slack on a terminal', () => {
  it.each([
    ['*Now*  step *one* of `a*b*c`', 'Now  step one of a*b*c'],
    ['<@U0ANN> and <@U0BEN> in <#C012|ops>', 'ann and U0BEN in C012'],
    ['&lt;none&gt; &amp; more', '<none> & more'],
    ['since <!date^1795312800^{time}|02:00 UTC>', 'since 02:00 UTC'],
    [
      'type /upgrade abort 7f3a12, or `/upgrade fix 7f3a12 1`',
      'type npx hopscotch abort 7f3a12, or /upgrade fix 7f3a12 1',
    ],
    ['red \u001b[31mtext\u001b[0m\u0007 \u202efed', 'red [31mtext[0m fed'],
  ])('%j', (mrkdwn, text) => {
    expect(plain(mrkdwn)).toBe(text);
  });

  it('leaves out buttons, and shows headers, sections and context', () => {
    const blocks = [
      { type: 'header' as const, text: { type: 'plain_text' as const, text: 'A run' } },
      { type: 'context' as const, elements: [{ type: 'mrkdwn' as const, text: '*who*' }] },
      { type: 'actions' as const, elements: [] },
    ];

    expect(plainText({ text: '', blocks })).toBe('A run\nwho');
  });
});
