import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { Cloud } from '../jobs/files/cloud.ts';
import { Runbook } from '../jobs/files/runbook.ts';

/**
 * The JSON Schemas that editors check YAML files with, by path. Draft 7 is the newest that every YAML language server
 * knows.
 */
export function schemaFiles(): Record<string, { readonly properties?: object }> {
  const runbook = jsonSchema(Runbook);
  return {
    'clouds/cloud.schema.json': jsonSchema(Cloud),
    'runbooks/runbook.schema.json': {
      ...runbook,
      properties: { ...runbook.properties, steps: withKinds(runbook.properties?.['steps']) },
    },
  };
}

/** As a person writes it: what has a default may be left out. */
const jsonSchema = (schema: z.ZodType) =>
  z.toJSONSchema(schema, {
    target: 'draft-7',
    io: 'input',
    // The bounds of an exact integer only clutter what an editor shows.
    override: ({ jsonSchema: node }) => {
      if (node.maximum === Number.MAX_SAFE_INTEGER) delete node.maximum;
      if (node.minimum === Number.MIN_SAFE_INTEGER) delete node.minimum;
    },
  });

/**
 * One schema of a step instead of one a kind: an editor then offers the common keys before the kind is written, and
 * complains about the params of that kind alone.
 */
function withKinds(steps: unknown) {
  const list = z.looseObject({ items: z.looseObject({ oneOf: z.array(StepSchema).min(1) }) });
  const { items, ...rest } = list.parse(steps);
  const [first] = items.oneOf;
  if (first === undefined) throw new RangeError('a step has no kinds');
  const { id, title, kind, on, params: _params, ...common } = first.properties;
  const { const: _const, ...anyKind } = kind;
  const kinds = items.oneOf.map(({ properties }) => properties);
  return {
    ...rest,
    items: {
      ...first,
      properties: {
        id,
        title,
        kind: { ...anyKind, enum: kinds.map((step) => step.kind.const) },
        on,
        params: { description: 'What the step works on, by its kind.', type: 'object' },
        ...common,
      },
      allOf: kinds.map((step) => ({
        if: { properties: { kind: { const: step.kind.const } }, required: ['kind'] },
        // oxlint-disable-next-line unicorn/no-thenable -- a keyword of JSON Schema
        then: { properties: { params: step.params } },
      })),
    },
  };
}

const StepSchema = z.looseObject({
  properties: z.looseObject({
    kind: z.looseObject({ const: z.string() }),
    params: z.looseObject({}),
  }),
});

/** Writes them beside the files of a repository that editors check with them. */
export async function writeSchemas(root: string): Promise<void> {
  for (const [path, schema] of Object.entries(schemaFiles()))
    await writeFile(join(root, path), `${JSON.stringify(schema, null, 2)}\n`);
}

if (pathToFileURL(process.argv[1] ?? '').href === import.meta.url)
  await writeSchemas(process.argv[2] ?? '.');
