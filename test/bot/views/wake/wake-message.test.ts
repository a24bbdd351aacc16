import { describe, expect, it } from '@jest/globals';
import { reminderMessage, wakeMessage } from '../../../../bot/views/wake/wake-message.ts';
import type { RunEvent } from '../../../../jobs/run/events.ts';
import { needsOf } from '../../../../jobs/run/needs/needs.ts';
import { drawnMessage } from '../../../support/slack/drawn.ts';
import * as e from '../../../support/runs/events.ts';

const plan = e.planOf(e.step('sync', { title: 'nova db sync' }));
const work = e.work('sync');
const begun = [e.requested(plan), e.hostReady('ctl1'), e.started(work)];
const people = { engineers: ['UANN', 'SENG'], approvers: ['SLEAD'] };
const look = { people, card: 'https://x.slack.test/p1', dates: 'plain' } as const;
const last = (...events: RunEvent[]) => {
  const need = needsOf(e.inOrder(...begun, ...events)).at(-1);
  if (need === undefined) throw new Error('nothing needs anybody');
  return need;
};

describe('a message that wakes people', () => {
  it('says whom, which cloud, what, why, and how to get out', () => {
    const seen = drawnMessage(wakeMessage(last(e.failed(work)), look));
    expect(seen).toContain(
      '<@UANN>, <!subteam^SENG>  *staging* needs you: *nova db sync* failed on ctl1',
    );
    expect(seen).toContain('E: no space left on device');
    expect(seen).toContain('Rollback: to the start');
    expect(seen).toContain('<https://x.slack.test/p1|Open card>');
  });

  it('says who settled it, and mentions whom it mentioned', () => {
    const stuck = { phase: 'apply' as const, step: 'sync', hosts: ['ctl1'] };
    const need = last(e.failed(work), e.retryRequested(stuck, 'UDAN'));
    const { text } = wakeMessage(need, look);
    expect(text).toContain('✓ Settled by <@UDAN> after 1 s');
    expect(text).toContain('<@UANN>, <!subteam^SENG>');
  });

  it('says what takes long, beside what is usual, and what to do', () => {
    const slow = e.foundSlow('sync', { usualMs: 240_000 });
    const seen = drawnMessage(wakeMessage(last(slow), look));
    expect(seen).toContain(
      '<@UANN>, <!subteam^SENG>  *staging* needs a look: *nova db sync* takes over twice its usual 4 min on ctl1\n',
    );
    expect(seen).toContain(
      'Next: see what it prints with `/upgrade log 7f3a12 1 ctl1`; it may still end well, and `/upgrade abort 7f3a12` stops it\nRollback: ',
    );
    const over = wakeMessage(last(slow, e.succeeded(work)), look);
    expect(over.text).toContain('✓ Settled by itself after 1 s');
  });

  it('reminds without a mention', () => {
    const { text } = reminderMessage(last(e.failed(work)), e.after(900));
    expect(text).toBe('*staging* still needs you: *nova db sync* failed on ctl1, for 15 min');
  });

  it('tells who started it how it ended, and counts a rollback from its own begin', () => {
    const ended = last(e.failed(work), e.rollbackRequested('sync'), e.runEnded('rolledBack'));
    expect(wakeMessage(ended, look).text).toBe('<@UANN>  *staging* rolled back, after 1 s');
  });

  it('says how it ended and no more once somebody rolls it back', () => {
    const again = needsOf(
      e.inOrder(
        ...begun,
        e.succeeded(work),
        e.runEnded('succeeded'),
        e.rollbackRequested('sync', 'UDAN'),
      ),
    );
    const [ended] = again.filter(({ kind }) => kind === 'ended');
    expect(ended?.settled).toMatchObject({ by: 'UDAN' });
    expect(ended && wakeMessage(ended, look).text).toBe('<@UANN>  *staging* succeeded, after 4 s');
  });

  it('asks all but who asked for a rollback', () => {
    const asked = last(e.failed(work), e.rollbackProposed('sync', { by: 'UANN' }));
    const message = wakeMessage({ ...asked, kind: 'rollback' }, look);
    const { text } = message;
    expect(drawnMessage(message)).toContain('1 step on 1 host, last to first');
    expect(text).toContain('<!subteam^SENG>, <!subteam^SLEAD>  *staging* needs a second person');
  });
});
