import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { z } from 'zod';
import { findSecrets, maskSecrets } from '../../../handlers/redaction/redact.ts';
import { signatureOf } from '../../../openstack/repair/signature.ts';
import { knowledge } from '../../openstack/known.ts';
import { measure, promised, readCorpus } from './measure.ts';

const corpus = readCorpus();
const figures = measure(corpus);

describe('secrets in files and outputs as they are written', () => {
  it('are tried in at least 60 of them, each written after a public one', () => {
    expect(corpus.length).toBeGreaterThanOrEqual(60);
    expect(corpus.filter(({ source }) => source === '')).toEqual([]);
    expect(new Set(corpus.map(({ text }) => text)).size).toBe(corpus.length);
  });

  it('are hidden, all of the promised kinds and nearly all of the others', () => {
    expect(figures.shown.filter((place) => place.length > 0)).toEqual([]);
    expect(figures.kinds.filter(({ kind }) => promised.has(kind))).toHaveLength(promised.size);
    expect(figures.recall).toBeGreaterThanOrEqual(0.95);
  });

  it('are all that is hidden', () => {
    expect(figures.overdone).toEqual([]);
    expect(figures.precision).toBeGreaterThanOrEqual(0.98);
  });

  it.each(corpus.map((sample) => [sample.name, sample] as const))(
    'are hidden as well behind one line more, in %s',
    (_name, { text }) => {
      const before = 'a line\n';
      const isCut = text.startsWith('⟦') || findSecrets(text)[0]?.start === 0;
      const moved = findSecrets(before + text).map(({ start, end }) => [
        start - before.length,
        end - before.length,
      ]);

      if (!isCut) expect(moved).toEqual(findSecrets(text).map(({ start, end }) => [start, end]));
    },
  );
});

const Met = z.array(
  z.looseObject({
    signature: z.string().optional(),
    kind: z.string(),
    exit: z.int(),
    output: z.string(),
  }),
);

describe('failures that are known', () => {
  const met = Met.parse(
    parse(
      readFileSync(new URL('../../openstack/repair/signatures/met.yaml', import.meta.url), 'utf8'),
    ),
  );

  it.each(met.map((one) => [one.signature ?? 'nothing', one.output.slice(0, 60), one] as const))(
    'are recognised once secrets are hidden: %s: %s',
    (signature, _start, one) => {
      const shown = { ...one, output: maskSecrets(one.output) };

      expect(signatureOf(shown, knowledge.signatures)?.id ?? 'nothing').toBe(signature);
    },
  );
});
