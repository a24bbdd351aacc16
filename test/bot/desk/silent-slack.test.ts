import { describe, expect, it } from '@jest/globals';
import type { SlackUntold } from '../../../bot/desk/confirmed.ts';
import { performPress } from '../../../bot/desk/perform.ts';
import type { Cloud } from '../../../jobs/files/cloud.ts';
import { bareDesk } from '../../support/bare-desk.ts';
import * as e from '../../support/runs/events.ts';

const plan = e.planOf(e.step('one'));
const run = e.readyRun(plan, e.approvalRequested('one'));
const access = { engineers: ['UANN'], approvers: ['UBEN'], approvals: { reversible: 1 } };

/** What a person is told who pauses a run. */
async function told(untold?: SlackUntold): Promise<string> {
  const press = {
    id: 'p',
    at: e.after(60),
    user: 'UBEN',
    channel: 'C0STAGING',
    source: 'word' as const,
    text: `pause ${run.id}`,
  };
  const desk = bareDesk({
    store: {
      load: async () => run,
      events: async () => [],
      recent: async () => [],
      append: async (_id, next) => {
        const event = next(run);
        return event === undefined ? { run } : { run, event };
      },
    },
    access: {
      rightsOf: async (id) => ({
        id,
        isEngineer: false,
        isApprover: true,
        doubts: [],
        ...(untold !== undefined && {
          earlier: { confirmedAt: '2026-11-22T01:00:00.000Z', untold },
        }),
      }),
    },
    // No more of it is read here.
    loadCloud: async () => ({ name: 'staging', access }) as unknown as Cloud,
    now: () => e.after(60),
  });
  return (await performPress(press, desk)).text;
}

describe('who acts while Slack is silent', () => {
  it('reads what counts instead, and since when', async () => {
    const text = await told({ is: 'silent' });

    expect(text).toContain('Paused');
    expect(text).toMatch(
      /\nSlack does not answer, so what it said about your account and groups at .*01:00.* counts\.$/,
    );
  });

  it('reads by which code Slack refuses the bot', async () => {
    expect(await told({ is: 'refusesUs', code: 'token_revoked' })).toMatch(
      /\nSlack refuses Hopscotch itself \(token_revoked\), so what it said about your account and groups at .* counts\.$/,
    );
  });

  it('reads nothing of it while Slack answers', async () => {
    expect(await told()).not.toContain('Slack');
  });
});
