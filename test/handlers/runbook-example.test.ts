import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { z } from 'zod';
import { handlers } from '../../handlers/index.ts';
import { Runbook } from '../../jobs/files/runbook.ts';
import { readYaml } from '../../jobs/files/yaml.ts';

const path = 'docs/runbook.yaml';
const text = readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

describe('the annotated runbook', () => {
  it('is a runbook', () => {
    const { steps } = readYaml(text, path, Runbook);

    expect(steps.map(({ kind, params }) => handlers[kind]?.bind(params).kind)).toEqual(
      steps.map(({ kind }) => kind),
    );
  });

  it.each(Object.values(handlers))('shows every field of $kind', ({ kind, params }) => {
    const written = Written.parse(parse(text)).steps.filter((step) => step.kind === kind);

    expect(keys(written.map((step) => step.params))).toEqual(
      keysOfSchema(params.toJSONSchema({ io: 'input' })),
    );
  });
});

/** As a person wrote it, without what a default adds. */
const Written = z.looseObject({
  steps: z.array(z.looseObject({ kind: z.string(), params: z.record(z.string(), z.unknown()) })),
});

const Schema = z.looseObject({ properties: z.record(z.string(), z.unknown()).default({}) });

function keysOfSchema(schema: unknown): string[] {
  const { properties } = Schema.parse(schema);
  return Object.entries(properties)
    .flatMap(([key, value]) => [key, ...keysOfSchema(value).map((inner) => `${key}.${inner}`)])
    .toSorted();
}

function keys(values: readonly unknown[]): string[] {
  const found = values.flatMap((value) =>
    typeof value !== 'object' || value === null || Array.isArray(value)
      ? []
      : Object.entries(value).flatMap(([key, inner]) => [
          key,
          ...keys([inner]).map((deeper) => `${key}.${deeper}`),
        ]),
  );
  return [...new Set(found)].toSorted();
}
