import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { WebClient } from '@slack/web-api';
import { openAccessLists } from '../../../bot/desk/access.ts';
import { type FakeSlack, openFakeSlack } from '../../support/slack/fake-slack.ts';

const lists = { engineers: ['UANN', 'SENG'], approvers: ['SLEAD'] };

describe('access', () => {
  it('knows people by their own id and by the groups they are in', async () => {
    const slack = openFakeSlack({
      users: { UANN: {}, UBEN: {} },
      groups: { SENG: ['UBEN'], SLEAD: ['UBEN'] },
    });

    expect(await accessTo(slack).rightsOf('UANN', lists)).toEqual({
      id: 'UANN',
      isEngineer: true,
      isApprover: false,
      doubts: [],
    });
    expect(await accessTo(slack).rightsOf('UBEN', lists)).toMatchObject({
      isEngineer: true,
      isApprover: true,
    });
  });

  it('gives nothing to somebody in no list, and asks Slack nothing about them', async () => {
    const slack = openFakeSlack({ groups: { SENG: [], SLEAD: [] } });

    expect(await accessTo(slack).rightsOf('UEVE', lists)).toMatchObject({
      isEngineer: false,
      isApprover: false,
    });
    expect(slack.callsOf('users.info')).toEqual([]);
  });

  it.each([
    [{ deleted: true }, 'your account is deactivated'],
    [{ is_bot: true }, 'bots cannot do that'],
    [{ is_restricted: true }, 'guests cannot do that'],
    [{ is_ultra_restricted: true }, 'guests cannot do that'],
    [{ is_stranger: true }, 'people from other workspaces cannot do that'],
  ])('refuses an account that is %j, though it is listed', async (account, barred) => {
    const slack = openFakeSlack({
      users: { UANN: account },
      groups: { SENG: [], SLEAD: ['UANN'] },
    });

    expect(await accessTo(slack).rightsOf('UANN', lists)).toMatchObject({
      isEngineer: false,
      isApprover: false,
      barred,
    });
  });

  it('counts nobody as a member of a group that cannot be looked up, and says so', async () => {
    const slack = openFakeSlack({ users: { UANN: {} }, groups: { SENG: ['UBEN'] } });
    slack.next('usergroups.users.list', { error: 'plan_upgrade_required' }, { status: 500 });

    const rights = await accessTo(slack).rightsOf('UBEN', lists);

    expect(rights).toMatchObject({ isEngineer: false, isApprover: false });
    expect(rights.doubts).toEqual([
      expect.stringContaining('who is in <!subteam^SENG> (plan_upgrade_required)'),
      expect.stringContaining('who is in <!subteam^SLEAD>'),
    ]);
  });

  // gammons/slk#214; docs.slack.dev, usergroups.users.list.
  it('73-user-group-of-an-org-wide-app: asks each workspace of the organisation for a group', async () => {
    const groups = { SENG: ['UBEN'], SLEAD: ['UBEN'] };
    const slack = openFakeSlack({ users: { UBEN: {} }, groups, orgOf: ['T1', 'T2'] });

    expect(await accessTo(slack).rightsOf('UBEN', lists)).toMatchObject({
      isEngineer: true,
      isApprover: true,
      doubts: [],
    });
  });

  it('73-user-group-of-an-org-wide-app: says plainly where none of them tells', async () => {
    const text = readFileSync('test/cases/73-user-group-of-an-org-wide-app.txt', 'utf8');
    const { error } = JSON.parse(text)['usergroups.users.list'];
    const slack = openFakeSlack({ users: { UBEN: {} }, groups: { SENG: ['UBEN'] } });
    slack.next('usergroups.users.list', { error }, { error });

    const { doubts } = await accessTo(slack).rightsOf('UBEN', lists);

    expect(doubts).toHaveLength(2);
    expect(doubts[0]).toContain(
      'install it to the workspace, or name people by their ids in the cloud file), so for now nobody is.',
    );
    expect(doubts.join()).not.toContain('Try again');
  });

  it('asks again after a look-up that failed, and gives nothing while accounts cannot be read', async () => {
    const slack = openFakeSlack({ users: { UANN: {} }, groups: { SENG: [], SLEAD: [] } });
    const access = accessTo(slack);
    slack.next('users.info', 'never arrives');

    expect(await access.rightsOf('UANN', lists)).toMatchObject({
      isEngineer: false,
      barred: expect.stringContaining('did not confirm your account'),
    });
    expect(await access.rightsOf('UANN', lists)).toMatchObject({ isEngineer: true });
  });

  it('remembers groups and accounts for a minute', async () => {
    let now = 0;
    const groups: Record<string, string[]> = { SENG: ['UBEN'], SLEAD: [] };
    const slack = openFakeSlack({ users: { UBEN: {} }, groups });
    const access = accessTo(slack, () => now);

    await access.rightsOf('UBEN', lists);
    groups['SENG'] = [];
    now = 59_000;
    expect(await access.rightsOf('UBEN', lists)).toMatchObject({ isEngineer: true });
    now = 60_000;
    expect(await access.rightsOf('UBEN', lists)).toMatchObject({ isEngineer: false });
  });
});

function accessTo(slack: FakeSlack, now: () => number = Date.now) {
  const client = new WebClient('xoxb-1', { fetch: slack.fetch, retryConfig: { retries: 0 } });
  return openAccessLists(client, { now });
}
