import { describe, expect, it } from '@jest/globals';
import { socketClosureOf, tokenRefusalOf } from '../../../bot/slack/token-refusals.ts';

describe('a refusal of the app-level token', () => {
  it.each([
    'invalid_auth',
    'not_authed',
    'account_inactive',
    'team_disabled',
    'user_removed_from_team',
  ])('is final where Slack says %s, and the hint is a sentence', (code) => {
    expect(tokenRefusalOf('SLACK_APP_TOKEN', { code })).toMatchObject({
      says: code,
      hint: expect.stringMatching(/^[A-Z].*\.$/),
    });
  });

  it.each(['internal_error', 'ratelimited', 'service_unavailable', 'fatal_error'])(
    'passes where Slack says %s',
    (code) => {
      expect(tokenRefusalOf('SLACK_APP_TOKEN', { code })).toBeUndefined();
    },
  );
});

describe('a closed socket', () => {
  it.each(['too_many_websockets', 'link_disabled'])('says what to do about %s', (reason) => {
    expect(socketClosureOf(reason).hint).toMatch(/^[A-Z].*\.$/);
  });
});
