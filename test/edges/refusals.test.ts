import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { type Outcome, documented, redisOutcome, slackOutcome, sshOutcome } from './outcomes.ts';
import { redisRows, slackRows, sshRows } from './rows.ts';

const file = 'docs/refusals.md';

const thens: Readonly<Record<string, string>> = {
  stop: 'stops',
  retry: 'tries again',
  ask: 'asks a person',
  wait: 'waits',
  reconnect: 'connects again',
  look: 'looks, then sends again',
  anew: 'posts anew',
  plain: 'posts plain text',
  drop: 'gives it up',
  later: 'tries again after 15 s to 5 min, catches up',
  messages: 'posts messages instead',
};

interface Line {
  readonly heard: string;
  readonly outcome: Outcome;
  readonly tested: string;
  readonly from: string;
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

const table = (lines: readonly Line[]): string =>
  [
    '| heard | said | to do | then | tested | source |',
    '| --- | --- | --- | --- | --- | --- |',
    ...lines.map(
      ({ heard, outcome: { says, hint, does }, tested, from }) =>
        `| ${[`\`${heard}\``, says, hint, thens[does] ?? does, tested, from].map(cell).join(' | ')} |`,
    ),
  ].join('\n');

const testedOn = (server: string, row: { on?: object | undefined; test?: string | undefined }) =>
  row.on === undefined && row.test === undefined
    ? 'by its words'
    : row.on !== undefined && ('greets' in row.on || 'silent' in row.on)
      ? 'on a server that does so'
      : `on ${server}`;

function slackTested(test = ''): string {
  if (test.includes('slack/http')) return 'on the bot, over HTTP';
  return test.includes('bot/slack/') ? 'on a local Slack' : 'on a pretended Slack';
}

async function tables(): Promise<string> {
  const ssh = sshRows.map((row) => ({
    heard: row.heard,
    outcome: sshOutcome(row, documented),
    tested: testedOn('sshd', row),
    from: row.from,
  }));
  const redis = redisRows.map((row) => ({
    heard: row.error ?? row.info ?? '',
    outcome: redisOutcome(row),
    tested: testedOn('Redis', row),
    from: row.from,
  }));
  const slack = await Promise.all(
    slackRows.map(async (row) => ({
      heard: `${row.method}: ${row.error ?? row.closed ?? row.status ?? (row.retryAfter === undefined ? 'no answer' : `429, after ${row.retryAfter} s`)}`,
      outcome: await slackOutcome(row),
      tested: slackTested(row.test),
      from: row.from,
    })),
  );
  return `# Refusals

Every way in which a host, Redis or Slack is known to refuse, what Hopscotch says of it, and what it does. The tables are
written by \`GOLDEN=write npm run test:jest -- test/edges/refusals.test.ts\` from \`test/edges/*.yaml\`, through the code that
says it; tests play every row that can be played on a real sshd, Redis and, where it is installed, Valkey.

"Stops": trying again cannot help until a person changes something. A step that stops waits for a person; a process that
Redis or Slack refuses for good ends, and its supervisor starts it again after pauses that grow to 5 minutes. A host that
refuses a login is left alone for 5 seconds, and in the end for 5 minutes.

## Hosts (${ssh.length})

${table(ssh)}

## Redis and Valkey (${redis.length})

${table(redis)}

## Slack (${slack.length})

${table(slack)}
`;
}

describe('the table of refusals', () => {
  it('is what the code says', async () => {
    const text = await tables();
    // After a wanted change: GOLDEN=write npm run test:jest -- test/edges/refusals.test.ts
    if (process.env['GOLDEN'] === 'write') writeFileSync(file, text);
    expect(text).toBe(readFileSync(file, 'utf8'));
  });

  it('has at least 60 rows, each said in words and with something to do', async () => {
    const slack = await Promise.all(slackRows.map(slackOutcome));
    const ssh = sshRows.map((row) => sshOutcome(row, documented));
    const all = [...ssh, ...redisRows.map(redisOutcome), ...slack];
    expect(all.length).toBeGreaterThan(150);
    for (const { says, hint } of all) {
      expect(says).not.toMatch(/undefined|\[object|: $|\(""\)/);
      expect(hint || says).toMatch(/[.?a-z)/]$/);
    }
  });

  it('names tests that there are', () => {
    const named = [...sshRows, ...redisRows, ...slackRows].flatMap(({ test }) => test ?? []);
    expect(named.filter((name) => !existsSync(name))).toEqual([]);
  });
});
