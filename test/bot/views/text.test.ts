import { describe, expect, it } from '@jest/globals';
import {
  inlineCode,
  cutText,
  durationText,
  fewNames,
  escapeToFit,
  lastLinesAsCode,
  mention,
  oneLineMrkdwn,
  sentenceMrkdwn,
  timeText,
} from '../../../bot/views/text.ts';

describe('text of hosts and people', () => {
  it('cannot mention, link or fake a line', () => {
    expect(oneLineMrkdwn('a\n*Rollback* <!channel> & <https://x|y>')).toBe(
      'a *Rollback* &lt;!channel&gt; &amp; &lt;https://x|y&gt;',
    );
  });

  it('is cut between characters as they are escaped, and only when it has to be', () => {
    expect(escapeToFit('a&b', 7)).toBe('a&amp;b');
    expect(escapeToFit('a&bc', 7)).toBe('a&amp;…');
    expect(cutText('🙂🙂🙂', 4)).toBe('🙂…');
  });

  it('stands in code with another character for a backtick', () => {
    expect(inlineCode('echo `date` <x>')).toBe('`echo ˋdateˋ &lt;x&gt;`');
    expect(inlineCode('  ')).toBe('');
  });

  it('shows the last lines that fit, without colours and overwritten parts', () => {
    expect(lastLinesAsCode('1\n2\n\u001b[1;31m3\u001b[0m\r\n10 %\r20 %\n\n', { lines: 2 })).toBe(
      '`3`\n`20 %`',
    );
    expect(lastLinesAsCode('cannot connect to mysql://nova:pa55@db1/nova')).not.toContain('pa55');
    expect(lastLinesAsCode(`first\n${'x'.repeat(100)}`, { max: 60 })).toBe(
      `\`${'x'.repeat(56)}…\``,
    );
  });
});

describe('our own sentences', () => {
  it('mention the people they name and nobody else, and give times to read', () => {
    const text = 'U0BEN and S0LEAD, but not U0BENNY did that at 2026-11-22T02:13:05.123Z <@U0EVE>';

    expect(sentenceMrkdwn(text, { dates: 'plain', people: ['U0BEN', 'S0LEAD'] })).toBe(
      '<@U0BEN> and <!subteam^S0LEAD>, but not U0BENNY did that at 02:13 UTC &lt;@U0EVE&gt;',
    );
  });

  it.each([
    [400, 'less than 1 s'],
    [41_000, '41 s'],
    [99_400, '99 s'],
    [180_000, '3 min'],
    [7_920_000, '2 h 12 min'],
    [7_200_000, '2 h'],
    [97_200_000, '1 d 3 h'],
  ])('round %d ms to %s', (ms, words) => {
    expect(durationText(ms)).toBe(words);
  });

  it('give the day of a time that is far away', () => {
    const at = '2026-11-20T02:13:00.000Z';
    const now = '2026-11-22T02:13:00.000Z';

    expect(timeText(at, 'plain', now)).toBe('2026-11-20 02:13 UTC');
    expect(timeText(at, 'slack', now)).toBe(
      '<!date^1795140780^{date_short_pretty} {time}|2026-11-20 02:13 UTC>',
    );
  });

  it('name few and count the rest', () => {
    expect(fewNames(['a', 'b', 'c'])).toBe('a, b, c');
    expect(fewNames(['a', 'b', 'c', 'd', 'e'])).toBe('a, b, c and 2 more');
  });

  it('call users and groups by their ids alone', () => {
    expect(mention('U0ANN')).toBe('<@U0ANN>');
    expect(mention('S0LEADS')).toBe('<!subteam^S0LEADS>');
    expect(mention('U0ANN> <!channel')).toBe('<@U0ANN>');
  });
});
