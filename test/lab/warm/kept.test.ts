import { describe, expect, it } from '@jest/globals';
import { hostSnapshotHandler } from '../../../handlers/people/host-snapshot.ts';
import { momentOf } from './kept.ts';

describe('the moments of the hop that are kept', () => {
  const snapshotOf = (host: string): string => {
    const params = { hosts: [host], label: 'before-hibiscus' };
    return `Now  a step\n${hostSnapshotHandler.bind(params).asks?.instructions ?? ''}\n[Done]`;
  };

  it.each([
    ['ctl2', 'first-control'],
    ['net1', 'network'],
    ['cmp2', 'mid-zone'],
    ['ctl1', undefined],
    ['cmp1', undefined],
  ])('the snapshot of %s is %s', (host, moment) => {
    expect(momentOf(snapshotOf(host))).toBe(moment);
  });

  it('the restart of the first control host, and the end, are', () => {
    expect(momentOf('Restart ctl1, and wait until each answers')).toBe('second-control');
    expect(momentOf('Restart ctl2, and wait until each answers')).toBeUndefined();
    expect(momentOf('Upgrade lab\nSucceeded  after 1 h')).toBe('end');
  });
});
