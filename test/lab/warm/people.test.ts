import { describe, expect, it } from '@jest/globals';
import { hostSnapshotHandler } from '../../../handlers/people/host-snapshot.ts';
import { askedByHand } from './people.ts';

describe('the hand of a person in the lab', () => {
  const params = { hosts: ['ctl1', 'img1'], label: 'before-2026.2' };
  const { asks, undoByPerson } = hostSnapshotHandler.bind(params);

  it('knows which snapshots are asked for, and which of them are to be restored', () => {
    const card = (text: string | undefined): string => `Now  a step\n${text ?? ''}\n[Done]`;

    expect(askedByHand(card(asks?.instructions))).toEqual({ what: 'snapshot', ...params });
    expect(askedByHand(card(undoByPerson))).toEqual({ what: 'restore', ...params });
  });

  it('knows which hosts are to be restarted, and refuses what it does not know', () => {
    expect(askedByHand('Restart cmp1, cmp2, and wait until each answers')).toEqual({
      what: 'restart',
      hosts: ['cmp1', 'cmp2'],
      label: '',
    });
    expect(() => askedByHand('Convert the policy files')).toThrow(/nobody knows/);
  });
});
