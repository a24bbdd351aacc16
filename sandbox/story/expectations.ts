import { readMessage } from '../slack/reading.ts';
import type { WorkspaceMessage } from '../slack/slack.ts';
import { countOfKind, hostsDifferences, type HostsSnapshot } from '../hosts/snapshot.ts';
import type { StoryStage } from './stage.ts';

export function expectSays(
  stage: StoryStage,
  what: string,
  message: WorkspaceMessage,
  words: readonly string[],
): void {
  expectHolds(stage, what, readMessage(message), words);
}

export function expectHolds(
  stage: StoryStage,
  what: string,
  texts: readonly string[],
  words: readonly string[],
): void {
  const said = texts.join('\n');
  const missing = words.filter((each) => !said.includes(each));
  stage.expect(what, missing.length === 0, `not said: ${missing.join(' | ')}`);
}

export function expectIs(
  stage: StoryStage,
  what: string,
  now: HostsSnapshot,
  wanted: Readonly<Record<string, string>>,
): void {
  const wrong = Object.entries(wanted).filter(([thing, is]) => now.get(thing)?.trim() !== is);
  stage.expect(
    what,
    wrong.length === 0,
    wrong.map(([thing]) => `${thing}: ${now.get(thing)}`).join('\n'),
  );
}

export function expectSame(
  stage: StoryStage,
  what: string,
  before: HostsSnapshot,
  after: HostsSnapshot,
): void {
  const changed = hostsDifferences(before, after);
  stage.expect(`${what}: ${changed.length} differences`, changed.length === 0, changed.join('\n'));
}

export const snapshotSize = (snapshot: HostsSnapshot): string =>
  ['package', 'file', 'service']
    .map((kind) => `${countOfKind(snapshot, kind)} ${kind}s`)
    .join(', ');
