import { describe, expect, it } from '@jest/globals';
import { runCard } from '../../../../bot/views/card/run-card.ts';
import { threadLines } from '../../../../bot/views/thread/thread.ts';
import { fold } from '../../../../jobs/run/fold.ts';
import { failureRecogniser } from '../../../../openstack/repair/signature.ts';
import { buttonsOfMessage, readMessage } from '../../../../sandbox/slack/reading.ts';
import type { WorkspaceMessage } from '../../../../sandbox/slack/slack.ts';
import { knowledge } from '../../../openstack/known.ts';
import { earlierLog, eventsOf } from '../../../support/runs/earlier-logs.ts';

const recognise = failureRecogniser(knowledge);
const [upgrade, notes] = [eventsOf(earlierLog('upgrade')), eventsOf(earlierLog('notes'))];

/** The card after so many events of a log; without a number, after all. */
function cardAfter(events: typeof upgrade, count = events.length): WorkspaceMessage {
  const card = runCard(
    fold(events.slice(0, count)),
    '2026-12-01T09:00:00.000Z',
    'plain',
    recognise,
  );
  // What the bot posts is what a channel shows.
  return { ...card, ts: '1' } as unknown as WorkspaceMessage;
}

const failedAt = upgrade.findIndex(({ type }) => type === 'StepFailed') + 1;

describe('the card of a log that says no version', () => {
  it('tells the failure once, what it is, and the fix with its button', () => {
    const card = cardAfter(upgrade, failedAt);
    const said = readMessage(card).join('\n');

    expect(said).toContain('✗ Failed: Kilo: start apache2, on ctl1');
    expect(said).toContain('exit 1');
    expect(said).not.toContain('apache2 on ctl1: exit 1');
    expect(said).toContain("Something else holds keystone's ports.");
    expect(buttonsOfMessage(card)).toEqual(
      expect.arrayContaining(['run.retry', 'run.fix.1', 'run.rollback', 'look.more']),
    );
  });

  it('stands where the run was paused, with the rollback to the start', () => {
    const card = cardAfter(upgrade);
    const said = readMessage(card).join('\n');

    expect(said).toContain('paused by @ann');
    expect(said).toContain('undoes 17 steps on ctl1, db1, lb1');
    expect(buttonsOfMessage(card)).toEqual(expect.arrayContaining(['run.resume', 'run.rollback']));
  });

  it('shows what a person is asked for', () => {
    const said = readMessage(cardAfter(notes)).join('\n');

    expect(said).toContain('For a person: Sign the protocol');
    expect(said).toContain('Sign the protocol.\n> Then file it.');
  });

  it.each([
    ['upgrade', upgrade],
    ['notes', notes],
  ])('can be drawn after each event, and so can the thread: %s', (_name, events) => {
    for (const count of events.keys()) expect(cardAfter(events, count + 1).blocks).not.toEqual([]);
    expect(threadLines(events, { dates: 'plain', recognise }).length).toBeGreaterThan(10);
  });
});
