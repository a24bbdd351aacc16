import { mkdir, mkdtemp, readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { handlers } from '../../../handlers/index.ts';
import { loadCloud } from '../../../jobs/files/cloud.ts';
import { hostsOnCloud, loadRunbook } from '../../../jobs/files/runbook.ts';
import { schemaFiles, writeSchemas } from '../../../scripts/schemas.ts';

const root = join(import.meta.dirname, '../../..');
const read = (path: string): Promise<string> => readFile(join(root, path), 'utf8');

describe('the schemas for editors', () => {
  it('are written with each build to where the examples name them', async () => {
    const { scripts } = z
      .looseObject({ scripts: z.looseObject({ build: z.string() }) })
      .parse(JSON.parse(await read('package.json')));
    const dir = await mkdtemp(join(tmpdir(), 'schemas-'));
    for (const folder of ['clouds', 'runbooks']) await mkdir(join(dir, folder));
    await writeSchemas(dir);

    expect(scripts.build).toContain('&& node dist/scripts/schemas.js .');
    for (const [path, schema] of Object.entries(schemaFiles()))
      expect(JSON.parse(await readFile(join(dir, path), 'utf8'))).toEqual(
        JSON.parse(JSON.stringify(schema)),
      );
  });

  it('give each kind of step its own params', () => {
    expect(schemaFiles()['runbooks/runbook.schema.json']).toMatchObject({
      properties: {
        steps: {
          items: {
            required: ['id', 'title', 'kind', 'on', 'params'],
            properties: { kind: { enum: Object.keys(handlers) } },
            allOf: Object.keys(handlers).map((kind) => ({
              if: { properties: { kind: { const: kind } } },
              // oxlint-disable-next-line unicorn/no-thenable -- a keyword of JSON Schema
              then: { properties: { params: { type: 'object', properties: expect.anything() } } },
            })),
          },
        },
      },
    });
  });

  it('describe every key of a cloud and a runbook', () => {
    for (const schema of Object.values(schemaFiles()))
      for (const [key, property] of Object.entries(schema.properties ?? {}))
        expect([key, property]).toEqual([
          key,
          expect.objectContaining({ description: expect.any(String) }),
        ]);
  });
});

describe('the examples', () => {
  it('are in no folder that the product offers clouds and runbooks from', async () => {
    for (const folder of ['clouds', 'runbooks'])
      expect((await readdir(join(root, folder))).filter((file) => file.endsWith('.yaml'))).toEqual(
        [],
      );
  });

  it('name their schema on the first line, by a path that is right beside the schema too', async () => {
    const files = await readdir(join(root, 'examples'));
    expect(files).toEqual(['example-juno.yaml', 'example-restart.yaml', 'example.yaml']);
    for (const file of files) {
      const noun = file === 'example-restart.yaml' ? 'runbook' : 'cloud';
      expect(await read(`examples/${file}`)).toMatch(
        `# yaml-language-server: $schema=../${noun}s/${noun}.schema.json\n`,
      );
    }
  });

  it('parse, and the runbook has its hosts in the cloud', async () => {
    const cloud = await loadCloud(join(root, 'examples'), 'example');
    const runbook = await loadRunbook(join(root, 'examples'), 'example-restart');

    expect(runbook.steps.map((step) => hostsOnCloud(cloud, step.on))).toEqual([
      ['ctl1', 'ctl2'],
      ['ctl1', 'ctl2'],
      ['ctl1', 'ctl2'],
    ]);
  });
});
