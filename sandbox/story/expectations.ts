import { read } from '../slack/reading.ts';
import type { Message } from '../slack/slack.ts';
import { countOf, differences, type Snapshot } from '../hosts/snapshot.ts';
import type { Stage } from './stage.ts';

export function expectSays(
  stage: Stage,
  what: string,
  message: Message,
  words: readonly string[],
): void {
  const said = read(message).join('\n');
  const missing = words.filter((each) => !said.includes(each));
  stage.expect(what, missing.length === 0, `not said: ${missing.join(' | ')}`);
}

export function expectIs(
  stage: Stage,
  what: string,
  now: Snapshot,
  wanted: Readonly<Record<string, string>>,
): void {
  const wrong = Object.entries(wanted).filter(([thing, is]) => now.get(thing)?.trim() !== is);
  stage.expect(
    what,
    wrong.length === 0,
    wrong.map(([thing]) => `${thing}: ${now.get(thing)}`).join('\n'),
  );
}

export function expectSame(stage: Stage, what: string, before: Snapshot, after: Snapshot): void {
  const changed = differences(before, after);
  stage.expect(`${what}: ${changed.length} differences`, changed.length === 0, changed.join('\n'));
}

export const sizeOf = (snapshot: Snapshot): string =>
  ['package', 'file', 'service'].map((kind) => `${countOf(snapshot, kind)} ${kind}s`).join(', ');
