import { describe, expect, it } from '@jest/globals';
import { checkMessageLimits, checkModalLimits } from '../../../bot/views/limits.ts';
import { wordsModal } from '../../../bot/views/modals.ts';

const section = (text: string, block_id?: string) => ({
  type: 'section',
  text: { type: 'mrkdwn', text },
  ...(block_id === undefined ? {} : { block_id }),
});
const button = (rest: object = {}) => ({
  type: 'button',
  action_id: 'run.pause',
  text: { type: 'plain_text', text: 'Pause' },
  ...rest,
});
const actions = (...elements: object[]) => ({ type: 'actions', elements });
const words = (length: number) => ({ type: 'plain_text', text: 'x'.repeat(length) });
const confirm = (rest: object) =>
  button({
    confirm: { title: words(1), text: words(1), confirm: words(1), deny: words(1), ...rest },
  });

describe('the limits of Slack', () => {
  it('let a message pass that is as large as can be', () => {
    const blocks = [
      { type: 'header', text: words(150) },
      ...Array.from({ length: 4 }, () => section('x'.repeat(3000))),
      actions(...Array.from({ length: 25 }, (_, index) => button({ action_id: `run.${index}` }))),
      ...Array.from({ length: 44 }, () => ({ type: 'divider' })),
    ];

    expect(() => checkMessageLimits({ text: 'x'.repeat(4000), blocks })).not.toThrow();
  });

  it.each([
    ['a header of 151', [{ type: 'header', text: words(151) }], 'message.blocks.0.text.text'],
    ['a section of 3001', [section('x'), section('x'.repeat(3001))], 'message.blocks.1.text'],
    ['an empty section', [section('')], 'message.blocks.0.text'],
    ['51 blocks', Array.from({ length: 51 }, () => section('x')), 'message.blocks: '],
    ['no block', [], 'message.blocks: '],
    ['two blocks of one id', [section('x', 'a'), section('y', 'a')], 'each block_id once'],
    ['an id of 256', [section('x', 'a'.repeat(256))], 'message.blocks.0.block_id'],
    [
      'more than 13,000 in all',
      Array.from({ length: 5 }, () => section('x'.repeat(2700))),
      '13000 characters',
    ],
    [
      '11 parts of a context',
      [{ type: 'context', elements: Array.from({ length: 11 }, () => words(1)) }],
      'message.blocks.0.elements',
    ],
    [
      '26 buttons',
      [actions(...Array.from({ length: 26 }, (_, index) => button({ action_id: `${index}` })))],
      'message.blocks.0.elements',
    ],
    ['two buttons of one action', [actions(button(), button())], 'each action_id once'],
    [
      'a label of 76',
      [actions(button({ text: words(76) }))],
      'message.blocks.0.elements.0.text.text',
    ],
    [
      'a value of 2001',
      [actions(button({ value: 'x'.repeat(2001) }))],
      'message.blocks.0.elements.0.value',
    ],
    ['a disabled button', [actions(button({ disabled: true }))], 'message.blocks.0.elements.0'],
    [
      'a question of 101',
      [actions(confirm({ title: words(101) }))],
      'elements.0.confirm.title.text',
    ],
    [
      'a confirmation of 301',
      [actions(confirm({ text: words(301) }))],
      'elements.0.confirm.text.text',
    ],
    [
      'a confirm label of 31',
      [actions(confirm({ confirm: words(31) }))],
      'elements.0.confirm.confirm.text',
    ],
    ['a block that is not known', [{ type: 'carousel' }], 'message.blocks.0.type'],
  ])('stop %s, and say where it is', (_what, blocks, where) => {
    expect(() => checkMessageLimits({ text: 'x', blocks })).toThrow(where);
  });

  it.each(['', 'x'.repeat(4001)])('stop a text that Slack does not take', (text) => {
    expect(() => checkMessageLimits({ text, blocks: [section('x')] })).toThrow('message.text');
  });

  it('stop a modal whose state is too long', () => {
    const modal = wordsModal('skip', { run: '7f3a12', seen: 'x'.repeat(3000) });

    expect(() => checkModalLimits(modal)).toThrow('modal.private_metadata');
  });
});
