import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { LogLevel, WebClient } from '@slack/web-api';
import type { Redis } from 'ioredis';
import { openAccessLists } from '../../../bot/desk/access.ts';
import { type ConfirmedAnswers, openConfirmedAnswers } from '../../../bot/desk/confirmed.ts';
import { type TestRedis, startTestRedis } from '../../support/servers/redis.ts';
import { type FakeSlack, type Mishap, openFakeSlack } from '../../support/slack/fake-slack.ts';

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
    [{ team_id: 'T9' }, 'people from other workspaces cannot do that'],
    [
      { team_id: 'T9', name: 'ann', real_name: 'Ann' },
      'people from other workspaces cannot do that',
    ],
    [{ team_id: undefined }, 'people from other workspaces cannot do that'],
    [
      { team_id: 'T9', enterprise_user: { enterprise_id: 'E1' } },
      'people from other workspaces cannot do that',
    ],
    [{ is_invited_user: true }, 'your account is only invited: accept the invitation first'],
    [{ is_email_confirmed: false }, 'the e-mail address of your account is not confirmed'],
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

  it('takes an account of another workspace of its own organisation', async () => {
    const account = { team_id: 'T2', enterprise_user: { enterprise_id: 'E1' } };
    const groups = { SENG: [], SLEAD: [] };
    const slack = openFakeSlack({ users: { UANN: account }, groups, orgOf: ['T1'] });

    expect(await accessTo(slack).rightsOf('UANN', lists)).toMatchObject({ isEngineer: true });
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

describe('while Slack is silent', () => {
  let server: TestRedis;
  let redis: Redis;
  let nowMs: number;
  beforeAll(async () => {
    server = await startTestRedis();
    redis = server.connect();
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    await redis.flushall();
    nowMs = Date.parse('2026-11-22T02:00:00Z');
  });

  const hours = (count: number): number => count * 3_600_000;
  const silent: Mishap[] = Array.from({ length: 9 }, () => 'never arrives');
  const methods = ['users.info', 'usergroups.users.list', 'auth.test'];

  /** A bot that was just started. */
  function anotherBot(slack: FakeSlack, keptMs = hours(24)) {
    const now = (): string => new Date(nowMs).toISOString();
    const confirmed = openConfirmedAnswers(redis, { keptMs, now });
    return accessTo(slack, () => nowMs, confirmed);
  }

  async function confirmedThenSilent(keptMs = hours(24), mishaps = silent): Promise<FakeSlack> {
    const groups = { SENG: ['UBEN'], SLEAD: [] };
    const slack = openFakeSlack({ users: { UBEN: {} }, groups });
    expect(await anotherBot(slack, keptMs).rightsOf('UBEN', lists)).toMatchObject({
      isEngineer: true,
    });
    for (const method of methods) slack.next(method, ...mishaps);
    return slack;
  }

  it('counts what Slack confirmed within a day, also after a restart, and says since when', async () => {
    const slack = await confirmedThenSilent();
    nowMs += hours(23);

    expect(await anotherBot(slack).rightsOf('UBEN', lists)).toMatchObject({
      isEngineer: true,
      isApprover: false,
      doubts: [],
      earlier: { confirmedAt: '2026-11-22T02:00:00.000Z', untold: { is: 'silent' } },
    });
  });

  it('counts it as well where Slack refuses the bot itself, which says nothing of people', async () => {
    const revoked = silent.map(() => ({ error: 'token_revoked' }));
    const slack = await confirmedThenSilent(hours(24), revoked);

    for (const again of ['once', 'twice'])
      expect([again, await anotherBot(slack).rightsOf('UBEN', lists)]).toMatchObject([
        again,
        { isEngineer: true, earlier: { untold: { is: 'refusesUs', code: 'token_revoked' } } },
      ]);
  });

  it.each([
    ['a day has gone by', 24, hours(24)],
    ['its time, which can be set, is over', 3, hours(2)],
    ['nothing is to be kept', 0, 0],
  ])('gives no right once %s', async (_when, later, keptMs) => {
    const slack = await confirmedThenSilent(keptMs);
    nowMs += hours(later);

    expect(await anotherBot(slack, keptMs).rightsOf('UBEN', lists)).toMatchObject({
      isEngineer: false,
      isUnsure: true,
    });
  });

  it('forgets what was confirmed as soon as Slack says no', async () => {
    const slack = await confirmedThenSilent();
    const again = anotherBot(slack);
    for (const method of methods) slack.clear(method);
    slack.next('users.info', { error: 'user_not_found' });
    expect(await again.rightsOf('UBEN', lists)).toMatchObject({ isEngineer: false });
    for (const method of methods) slack.next(method, ...silent);

    const rights = await anotherBot(slack).rightsOf('UBEN', lists);

    expect(rights).toMatchObject({ isEngineer: false, isUnsure: true });
  });
});

function accessTo(slack: FakeSlack, now: () => number = Date.now, confirmed?: ConfirmedAnswers) {
  const client = new WebClient('xoxb-1', {
    fetch: slack.fetch,
    retryConfig: { retries: 0 },
    logLevel: LogLevel.ERROR,
  });
  return openAccessLists(client, { now, ...(confirmed && { confirmed }) });
}
