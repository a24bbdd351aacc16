import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { slackHint } from '../bot/outbox/slack-errors.ts';

const root = join(import.meta.dirname, '..');
const files = ['bot', 'openstack', 'jobs', 'handlers', 'processes', 'sandbox'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name)),
);

/** Every hint that stands in the code as one text. */
const hints = files.flatMap((file) =>
  Array.from(
    readFileSync(join(root, file), 'utf8').matchAll(
      /\bhint:\s*(['"`])((?:\\.|(?!\1)[^\\])+)\1,?$/gms,
    ),
    ([, , hint = '']) => ({ file, hint }),
  ),
);

const isWhole = (hint: string): boolean =>
  /[.?]$/.test(hint) || /(?:\/upgrade |: )[^.]*(?:\.\.\.)?[^.]*$/.test(hint) || hint.endsWith('}');

describe('hints', () => {
  it('begin as sentences do', () => {
    expect(hints.length).toBeGreaterThan(80);
    expect(hints.filter(({ hint }) => /^[a-z]/.test(hint))).toEqual([]);
  });

  it('end as sentences do, or with what to type', () => {
    expect(hints.filter(({ hint }) => !isWhole(hint))).toEqual([]);
  });

  it.each([
    'channel_not_found',
    'not_in_channel',
    'is_archived',
    'missing_scope',
    'invalid_auth',
    'x',
  ])('are sentences for what Slack says, too: %s', (code) => {
    expect(slackHint(code, 'C012')).toMatch(/^[A-Z].*\.$/);
  });
});
