import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import {
  parseUpgradeLine,
  renamedWord,
  subcommands,
  subcommandUsage,
} from '../../../bot/commands/index.ts';
import { anyCharacter } from '../../support/any-character.ts';

describe('a word with what no name has in it', () => {
  it.each([
    ['pause 7f3a12\u202e', 'a right-to-left override (U+202E)'],
    ['pause \u20677f3a12\u2069', 'a right-to-left isolate (U+2067)'],
    ['status \u061c7f3a12', 'an Arabic letter mark (U+061C)'],
    ['pause 7f3a12 👍', 'an emoji, 👍 (U+1F44D)'],
    ['approve 7f3a12 :thumbsup:', 'an emoji, :thumbsup:'],
    ['🚀 staging', 'an emoji, 🚀 (U+1F680)'],
    [
      'status <https://slack.com/archives/C1/p1>',
      'a link of Slack, <https://slack.com/archives/c1/p1>',
    ],
    ['inspect stаging', 'the character а (U+0430)'],
    ['skip 7f3a12\u202e because', 'a right-to-left override (U+202E)'],
  ])('%j: names it', (line, odd) => {
    expect(parseUpgradeLine(line)).toEqual({
      problem: expect.stringContaining(` has ${odd} in it`),
    });
  });

  it.each([
    ['pause \u200f7f3a12\u200e', { do: 'act', run: '7f3a12', action: { name: 'pause' } }],
    [
      'log 7f3a12 one <http://ctl1.example.org|ctl1.example.org>',
      { do: 'log', run: '7f3a12', step: 'one', host: 'ctl1.example.org' },
    ],
    [
      'skip 7f3a12 fine 👍 \u202e see <https://wiki|wiki>',
      {
        do: 'act',
        run: '7f3a12',
        action: { name: 'skip', text: 'fine 👍 \u202e see <https://wiki|wiki>' },
      },
    ],
    [
      'start prod epoxy unrehearsed the lab burnt down 🔥',
      { do: 'start', cloud: 'prod', series: 'epoxy', unrehearsed: 'the lab burnt down 🔥' },
    ],
  ])('%j: reads what was meant', (line, intent) => {
    expect(parseUpgradeLine(line)).toEqual(intent);
  });
});

describe('the words after /upgrade', () => {
  it.each([
    ['', { do: 'help' }],
    ['help', { do: 'help' }],
    ['help skip', { do: 'help', topic: 'skip' }],
    ['run staging restart-nova', { do: 'run', cloud: 'staging', runbook: 'restart-nova' }],
    ['clouds', { do: 'clouds' }],
    ['inspect staging', { do: 'inspect', cloud: 'staging' }],
    ['plan staging liberty', { do: 'plan', cloud: 'staging', series: 'liberty' }],
    ['plan staging 2024.1', { do: 'plan', cloud: 'staging', series: '2024.1' }],
    [
      'start staging Liberty only keystone glance',
      { do: 'start', cloud: 'staging', series: 'liberty', only: ['keystone', 'glance'] },
    ],
    [
      'start prod liberty only nova unrehearsed The LAB burnt down',
      {
        do: 'start',
        cloud: 'prod',
        series: 'liberty',
        only: ['nova'],
        unrehearsed: 'The LAB burnt down',
      },
    ],
    [
      'plan prod caracal on noble',
      { do: 'plan', cloud: 'prod', series: 'caracal', codename: 'noble' },
    ],
    [
      'plan lab epoxy --unsupported',
      { do: 'plan', cloud: 'lab', series: 'epoxy', unsupported: '' },
    ],
    [
      'start lab epoxy on trixie only keystone —unsupported Zed ends; no archive',
      {
        do: 'start',
        cloud: 'lab',
        series: 'epoxy',
        codename: 'trixie',
        only: ['keystone'],
        unsupported: 'Zed ends; no archive',
      },
    ],
    [
      'start prod epoxy --unsupported no archive here unrehearsed The LAB burnt down',
      {
        do: 'start',
        cloud: 'prod',
        series: 'epoxy',
        unsupported: 'no archive here',
        unrehearsed: 'The LAB burnt down',
      },
    ],
    ['status', { do: 'status' }],
    ['status 7f3a12', { do: 'status', run: '7f3a12' }],
    ['approve 7f3a12', { do: 'act', run: '7f3a12', action: { name: 'approve' } }],
    [
      'reject 7f3a12 not during the audit',
      { do: 'act', run: '7f3a12', action: { name: 'reject', text: 'not during the audit' } },
    ],
    ['pause 7f3a12', { do: 'act', run: '7f3a12', action: { name: 'pause' } }],
    ['resume 7f3a12', { do: 'act', run: '7f3a12', action: { name: 'resume' } }],
    ['abort 7f3a12', { do: 'act', run: '7f3a12', action: { name: 'abort' } }],
    ['retry 7f3a12', { do: 'act', run: '7f3a12', action: { name: 'retry' } }],
    ['skip 7f3a12 disk', { do: 'act', run: '7f3a12', action: { name: 'skip', text: 'disk' } }],
    ['rollback 7f3a12', { do: 'act', run: '7f3a12', action: { name: 'rollback' } }],
    [
      'rollback 7f3a12 stop-nova',
      { do: 'act', run: '7f3a12', action: { name: 'rollback', step: 'stop-nova' } },
    ],
    [
      'rollback 7f3a12 because nova-api answers 500',
      { do: 'act', run: '7f3a12', action: { name: 'rollback', text: 'nova-api answers 500' } },
    ],
    [
      'rollback 7f3a12 stop-nova confirm “Prod keeps move-rows” because Ben sleeps',
      {
        do: 'act',
        run: '7f3a12',
        action: {
          name: 'rollback',
          step: 'stop-nova',
          phrase: 'prod keeps move-rows',
          text: 'Ben sleeps',
        },
      },
    ],
    ['done 7f3a12 UP 4', { do: 'act', run: '7f3a12', action: { name: 'done', text: 'UP 4' } }],
    ['fix 7f3a12 2', { do: 'act', run: '7f3a12', action: { name: 'fix', choice: '2' } }],
    ['way 7f3a12 2', { do: 'act', run: '7f3a12', action: { name: 'fix', choice: '2' } }],
    ['ask 7f3a12', { do: 'ask', run: '7f3a12' }],
    ['log 7f3a12 db-sync', { do: 'log', run: '7f3a12', step: 'db-sync' }],
    ['log 7f3a12 db-sync ctl1', { do: 'log', run: '7f3a12', step: 'db-sync', host: 'ctl1' }],
  ])('reads "%s"', (line, intent) => {
    expect(parseUpgradeLine(line)).toEqual(intent);
  });

  it.each([
    ['capitals of a phone', 'Run Staging Restart-Nova'],
    ['non-breaking and wide spaces', '\u00a0run\u00a0staging\u2003 restart-nova  '],
    ['zero-width characters', 'run sta\u200bging restart-nova\ufeff'],
    ['typographic quotes', 'run “staging” ‘restart-nova’'],
    ['typographic dashes', 'run staging restart–nova'],
    ['backticks and a full stop', '`run` `staging` `restart-nova`.'],
    ['a mention of the bot in front', '<@U0BOT> run staging restart-nova'],
    ['a channel where the cloud of that name was meant', 'run <#C0STAGING|staging> restart-nova'],
  ])('takes %s', (_what, line) => {
    expect(parseUpgradeLine(line)).toEqual({
      do: 'run',
      cloud: 'staging',
      runbook: 'restart-nova',
    });
  });

  it('keeps a reason as it was typed, but for quotes around all of it and the escapes of Slack', () => {
    const line = 'skip <@U0ANN> 7F3A12  “Ann said:  a &lt; b &amp; c,\nsee <#C1|ops>”';

    expect(parseUpgradeLine(line)).toEqual({
      do: 'act',
      run: '7f3a12',
      action: { name: 'skip', text: 'Ann said:  a < b & c,\nsee <#C1|ops>' },
    });
  });

  it.each([
    ['plan staging liberty only', 'After "only" come the services to upgrade.'],
    ['start staging liberty keystone', 'not "keystone"'],
    ['plan staging', 'RELEASE is missing.'],
    ['start prod liberty unrehearsed', 'After "unrehearsed" comes the reason.'],
    ['plan prod liberty unrehearsed', 'not "unrehearsed"'],
    ['start prod epoxy --unsupported', 'After "--unsupported" comes the reason.'],
    [
      'start prod epoxy --unsupported unrehearsed no lab',
      'After "--unsupported" comes the reason.',
    ],
    ['plan prod caracal on', 'After "on" comes the codename of the distribution, such as jammy.'],
    ['plan prod caracal on noble keystone', 'not "keystone"'],
  ])('says what is wrong with "%s"', (line, problem) => {
    expect(parseUpgradeLine(line)).toEqual({ problem: expect.stringContaining(problem) });
  });

  it('answers an unknown word with the nearest one and all there are', () => {
    expect(parseUpgradeLine('pasue 7f3a12')).toEqual({
      problem: [
        'I don\'t know the word "pasue". Did you mean pause?',
        `The words are ${subcommands.map(({ word }) => word).join(', ')}.`,
        'What they do: /upgrade help',
      ].join('\n'),
    });
  });

  it('takes the beginning of a word for a hint, never for the word', () => {
    expect(parseUpgradeLine('roll 7f3a12')).toEqual({
      problem: expect.stringContaining('Did you mean rollback?'),
    });
  });

  it.each(['audit', 'deploy'])('does not know %s', (word) => {
    expect(parseUpgradeLine(`${word} staging`)).toEqual({
      problem: expect.stringContaining(`I don't know the word "${word}"`),
    });
  });

  it.each([
    ['run', 'CLOUD is missing.', '/upgrade run CLOUD RUNBOOK'],
    ['run staging', 'RUNBOOK is missing.', '/upgrade run CLOUD RUNBOOK'],
    ['approve', 'RUN is missing.', '/upgrade approve RUN'],
    ['reject 7f3a12', 'REASON is missing.', '/upgrade reject RUN REASON'],
    ['skip 7f3a12 “ ”', 'REASON is missing.', '/upgrade skip RUN REASON'],
    ['done 7f3a12', 'EVIDENCE is missing.', '/upgrade done RUN EVIDENCE'],
    ['log 7f3a12', 'STEP is missing.', '/upgrade log RUN STEP [HOST] [whole]'],
  ])('answers "%s" with how it is written', (line, missing, usage) => {
    expect(parseUpgradeLine(line)).toEqual({
      problem: expect.stringMatching(new RegExp(`^${escaped(`${missing}\n${usage}\n`)}`)),
    });
  });

  it('names the new word to who typed it by its old name, and to nobody else', () => {
    expect(renamedWord('Way 7f3a12 2')).toBe('"way" is called "fix" now: /upgrade fix RUN NUMBER');
    expect(renamedWord('fix 7f3a12 2')).toBeUndefined();
    expect(renamedWord('skip 7f3a12 no way')).toBeUndefined();
    expect(parseUpgradeLine('way 7f3a12')).toEqual({
      problem: expect.stringMatching(/^NUMBER is missing\.\n\/upgrade fix RUN NUMBER\n/),
    });
  });

  it('refuses words that it would have to ignore', () => {
    expect(parseUpgradeLine('abort 7f3a12 8b2c11')).toEqual({
      problem: expect.stringContaining(
        `I don't know what to do with "8b2c11".\n/upgrade abort RUN`,
      ),
    });
  });

  it('refuses what cannot be the id of a run', () => {
    expect(parseUpgradeLine('status 7f3a*:events')).toEqual({
      problem: expect.stringContaining('"7f3a*:events" is not the id of a run'),
    });
  });

  it('understands the example of each word as that word', () => {
    for (const { example, word } of subcommands) {
      expect(parseUpgradeLine(example)).not.toHaveProperty('problem');
      expect(example.startsWith(word)).toBe(true);
    }
  });

  it('answers any line with an intent or a problem', () => {
    const words = fc.constantFrom(
      ...subcommands.map(subcommandUsage),
      '<@U1>',
      '“',
      '\u00a0',
      '&amp;',
      '>',
    );
    const lines = fc
      .array(fc.oneof(words, fc.string({ unit: anyCharacter })))
      .map((all) => all.join(' '));

    fc.assert(
      fc.property(lines, (line) => {
        const read = parseUpgradeLine(line);
        expect('do' in read || read.problem.length > 0).toBe(true);
      }),
    );
  });
});

const escaped = (text: string): string => text.replaceAll(/[[\].*?]/g, '\\$&');
