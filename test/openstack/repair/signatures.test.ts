import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { z } from 'zod';
import { openKnownSecrets } from '../../../handlers/redaction/known.ts';
import { redactText } from '../../../handlers/redaction/redact.ts';
import { signatureOf } from '../../../openstack/repair/signature.ts';
import { knowledge } from '../known.ts';
import { labelledFailures, verdictOn } from './labelled-failures.ts';

const Met = z.array(
  z.strictObject({
    signature: z.string().optional(),
    kind: z.string(),
    exit: z.int(),
    output: z.string().min(1),
  }),
);

const met = Met.parse(
  parse(readFileSync(join(import.meta.dirname, 'signatures/met.yaml'), 'utf8')),
);
const failures = met.filter(({ signature }) => signature !== undefined);

// Those of the path to Liberty are tried in signature.test.ts.
const [story = 0, last = 0] = ['nova-flavors-unmigrated', 'not-root'].map((first) =>
  knowledge.signatures.findIndex(({ id }) => id === first),
);
// Those that the run itself has to tell are tried in standing.test.ts.
const today = knowledge.signatures
  .toSpliced(story, last - story)
  .filter(({ standing }) => standing === undefined);

describe('what was met', () => {
  it.each(failures.map((one) => [one.signature, one.kind, one.output.slice(0, 60), one] as const))(
    '%s, in a %s: %s',
    (signature, _kind, _start, one) => {
      expect(signatureOf(one, knowledge.signatures)?.id).toBe(signature);
    },
  );

  it.each(
    met
      .filter(({ signature }) => signature === undefined)
      .map((one) => [one.kind, one.output.slice(0, 60), one] as const),
  )('is nothing, in a %s: %s', (_kind, _start, one) => {
    expect(signatureOf(one, knowledge.signatures)).toBeUndefined();
  });

  it('tries every signature', () => {
    const tried = new Set([
      ...failures.map(({ signature }) => signature),
      ...labelledFailures.map((one) => verdictOn(one, knowledge.signatures).said),
    ]);

    expect(today.length).toBeGreaterThan(50);
    expect(today.map(({ id }) => id).filter((id) => !tried.has(id))).toEqual([]);
  });
});

describe('what was met, once its secrets are masked', () => {
  const known = openKnownSecrets(['Xq7-secret-value-9']);
  const masked = (output: string): string => redactText(output, known, () => '[REDACTED-1f3a]');

  it.each(met.map((one) => [one.signature ?? 'nothing', one.output.slice(0, 60), one] as const))(
    'is still %s: %s',
    (_signature, _start, one) => {
      const said = { ...one, output: masked(one.output) };

      expect(signatureOf(said, knowledge.signatures)?.id).toBe(one.signature);
    },
  );

  it('is so for every labelled failure', () => {
    const changed = labelledFailures.filter((one) => {
      const said = verdictOn({ ...one, text: masked(one.text) }, knowledge.signatures);
      return said.said !== verdictOn(one, knowledge.signatures).said;
    });

    expect(labelledFailures.length).toBeGreaterThan(50);
    expect(changed.map(({ text }) => text)).toEqual([]);
  });
});

describe('a signature', () => {
  const one = knowledge.signatures.find(({ standing }) => standing === undefined);
  const only = (change: object) => (one === undefined ? [] : [{ ...one, kinds: [], ...change }]);

  it('takes ^ and $ for the ends of lines', () => {
    const lines = only({ patterns: ['^second$'] });

    expect(signatureOf({ kind: 'check', output: 'first\nsecond\nthird' }, lines)).toBeDefined();
    expect(signatureOf({ kind: 'check', output: 'first second' }, lines)).toBeUndefined();
  });

  it('needs all of also, and none of unless', () => {
    const narrow = only({ patterns: ['a'], also: ['b', 'c'], unless: ['d'] });

    expect(signatureOf({ kind: 'check', output: 'a b c' }, narrow)).toBeDefined();
    expect(signatureOf({ kind: 'check', output: 'a b' }, narrow)).toBeUndefined();
    expect(signatureOf({ kind: 'check', output: 'a b c d' }, narrow)).toBeUndefined();
  });
});
