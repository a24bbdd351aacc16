import { expect, it } from '@jest/globals';
import { playAlarms } from '../../support/slack/alarm-ahead.ts';

it('wakes people ahead of 300 posts that wait for a Slack that takes one a second', async () => {
  const alarms = await playAlarms(2);

  expect(Math.min(...alarms.map(({ waiting }) => waiting))).toBeGreaterThanOrEqual(300);
  // Slack takes one a second: with one other before it, it came within two.
  expect(Math.max(...alarms.map(({ before }) => before))).toBeLessThanOrEqual(1);
}, 60_000);
