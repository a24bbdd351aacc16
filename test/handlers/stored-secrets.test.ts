import { describe, expect, it } from '@jest/globals';
import { type CommandOutput, toShell } from '../../handlers/contract/command.ts';
import { OperatorError } from '../../handlers/contract/errors.ts';
import { handlers } from '../../handlers/index.ts';
import { isTelling, openKnownSecrets } from '../../handlers/redaction/known.ts';
import { redactText, secretsIn } from '../../handlers/redaction/redact.ts';
import { takeOutContents } from '../../jobs/redis/stored/contents.ts';
import { canonicalJson } from '../../jobs/run/plan.ts';
import { plantedLines, shownIn } from '../support/processes/planted.ts';
import { type HandlerCase, kindsWithCases, readCases } from './cases.ts';

/** Every string in a value. */
const strings = (value: unknown): string[] =>
  typeof value === 'string'
    ? [value]
    : typeof value === 'object' && value !== null
      ? Object.values(value).flatMap(strings)
      : [];

/** Lines in base64 are what a file holds. */
const withDecoded = (text: string): string =>
  [
    text,
    ...text
      .split('\n')
      .filter((line) => /^[A-Za-z0-9+/]{16,}={0,2}$/.test(line))
      .map((line) => Buffer.from(line, 'base64').toString()),
  ].join('\n');

/** What a case's host and runbook hold that is secret. */
const secretsOf = ({ params, outputs, after = [] }: HandlerCase): string[] =>
  [
    ...new Set([params, outputs, after].flatMap(strings).map(withDecoded).flatMap(secretsIn)),
  ].filter(isTelling);

/** What the event log keeps of a step, but for the words of its commands, which run as they are. */
function stored(kind: string, one: HandlerCase): string[] {
  const bound = handlers[kind]?.bind(one.params);
  if (bound === undefined) return [];
  const wordless = (
    commands: readonly { words: readonly string[]; stdin?: string | undefined }[],
  ) => commands.map(({ words: _words, ...rest }) => rest);
  const before = bound.parse(one.outputs);
  const step = { params: one.params, apply: wordless(bound.apply) };
  const begun = {
    before,
    changes: bound.changes(before),
    commands: wordless(bound.undo(before, before)),
  };
  return [step, begun].map((event) => takeOutContents(canonicalJson(event)).json);
}

const cases = kindsWithCases().flatMap((kind) =>
  readCases(kind)
    .filter(({ refused, error }) => refused === undefined && error === undefined)
    .map((one) => ({ kind, one, secrets: secretsOf(one) }))
    .filter(({ secrets }) => secrets.length > 0),
);

describe('what the event log keeps of a step', () => {
  it.each(cases.map(({ kind, one, secrets }) => [kind, one.it, { one, secrets }] as const))(
    '%s: %s: shows none of its secrets',
    (kind, _it, { one, secrets }) => {
      const texts = stored(kind, one).join('\n');

      expect(secrets.filter((secret) => texts.includes(secret))).toEqual([]);
    },
  );

  it('is looked at for many kinds', () => {
    expect(cases.length).toBeGreaterThan(10);
    expect(new Set(cases.map(({ kind }) => kind)).size).toBeGreaterThan(3);
  });
});

describe('the process list of a host', () => {
  it.each(cases.map(({ kind, one, secrets }) => [kind, one.it, { one, secrets }] as const))(
    '%s: %s: shows none of its secrets',
    (kind, _it, { one, secrets }) => {
      const bound = handlers[kind]?.bind(one.params);
      const before = bound?.parse(one.outputs);
      const commands = [
        ...(bound?.probe ?? []),
        ...(bound?.apply ?? []),
        ...(bound?.undo(before, before) ?? []),
      ];
      const words = commands.map((command) => toShell(command.words)).join('\n');

      expect(secrets.filter((secret) => words.includes(secret))).toEqual([]);
    },
  );
});

describe('a probe that answers with secrets', () => {
  const planted = plantedLines(0, 24);
  const secrets = planted.map(({ secret }) => secret);
  const said = planted.map(({ text }) => text).join('\n');
  const answers = [
    { exit: 0, stdout: said, stderr: said },
    { exit: 1, stdout: '', stderr: said },
    { exit: 127, stdout: said, stderr: '' },
  ];
  const redact = (text: string): string =>
    redactText(text, openKnownSecrets([]), () => '[REDACTED-1f3a]');

  /** The words for people of whatever comes of it: a state with its changes, or an error. */
  function wordsOf(kind: string, one: HandlerCase, answer: CommandOutput): string {
    const bound = handlers[kind]?.bind(one.params);
    try {
      const before = bound?.parse(one.outputs.map(() => answer));
      const isDone = bound?.isDone(before);
      return `${isDone} ${redact(bound?.changes(before) ?? '')}`;
    } catch (error) {
      return error instanceof OperatorError
        ? redact(`${error.message}\n${error.hint}`)
        : `of another kind: ${redact(String(error))}`;
    }
  }

  it.each(kindsWithCases())('of a %s shows none of them', (kind) => {
    const all = readCases(kind).filter(({ refused }) => refused === undefined);
    // Its rows are names and versions of packages, word by word, which apt alone makes up.
    const given = answers.filter(({ stdout }) => kind !== 'package-repair' || stdout === '');
    const words = all.flatMap((one) => given.map((answer) => wordsOf(kind, one, answer)));

    expect(words.length).toBeGreaterThan(0);
    expect(shownIn(words.join('\n'), secrets)).toEqual([]);
  });
});
