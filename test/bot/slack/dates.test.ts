import { describe, expect, it } from '@jest/globals';
import { datesFor } from '../../../bot/slack/dates.ts';

describe('dates', () => {
  it.each([
    [undefined, 'slack'],
    ['https://slack.com/api/', 'slack'],
    ['https://slack-gov.com/api/', 'slack'],
    ['http://proxy.example.org:3128/api/', 'slack'],
    ['http://127.0.0.1:4000/api/', 'plain'],
    ['http://localhost/api/', 'plain'],
    ['http://[::1]:4000/api/', 'plain'],
  ])('of %s are written as %s', (apiUrl, dates) => {
    expect(datesFor(apiUrl)).toBe(dates);
  });
});
