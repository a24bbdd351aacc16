import { describe, expect, it } from '@jest/globals';
import { withoutWords } from '../../scripts/compare-goldens.ts';

const plan = (title: string, service: string) =>
  [
    'Upgrade lab from Yoga to Zed',
    '',
    'Known about Yoga to Zed:',
    '',
    '     ! The APIs are down from here.',
    `  1. ${title} [service: ctl1, APPROVAL]`,
    `     {"name":"${service}","what":"${title}, \\"now\\"."}`,
    `  2. ${title}`,
    `     zed-stop | service | ctl1`,
  ].join('\n');

describe('kept plans without their words', () => {
  it('are the same when only titles and sentences differ', () => {
    expect(withoutWords(plan('Zed: halt it', 'nova-api'))).toEqual(
      withoutWords(plan('Zed: stop nova-api', 'nova-api')),
    );
  });

  it('keep what runs, where, and what is approved', () => {
    expect(withoutWords(plan('Zed: stop nova-api', 'nova-api'))).toEqual([
      '1. [service: ctl1, APPROVAL]',
      '     {"name":"nova-api","what":…}',
      '2.',
      '     zed-stop | service | ctl1',
    ]);
  });
});
