import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { z } from 'zod';
import { OperatorError } from '../../handlers/contract/errors.ts';
import { readYaml } from '../../jobs/files/yaml.ts';
import { Distributions } from './distribution-schema.ts';
import { ProjectExtract } from './extracts.ts';
import { brokenReferences } from './references.ts';
import { VersionFloors, HopRules, InfrastructureVersions } from './rule-schemas.ts';
import {
  KnownConfigOptions,
  KnownIssues,
  SchemaHeads,
  SchemaStates,
  ReleasesFile,
  FailureSignatures,
  FurtherProjects,
  StepTemplates,
  ServiceVersions,
  ProjectPackages,
} from './schemas.ts';
import { KnownService, ServiceOrder } from './service-schema.ts';
import type { Knowledge } from './knowledge.ts';

/**
 * The knowledge in a folder (`openstack/knowledge/data`). Throws `BadFile` with every problem and its line, or `BadKnowledge`
 * when files refer to what is not there.
 */
export async function loadKnowledge(dir: string): Promise<Knowledge> {
  const read = async <T>(file: string, schema: z.ZodType<T>): Promise<T> =>
    readYaml(await textOf(join(dir, file)), join(dir, file), schema);
  const { ways, roads, gates, rules } = await read('hop-rules.yaml', HopRules);
  const knowledge: Knowledge = {
    series: (await read('series.yaml', ReleasesFile)).series,
    order: (await read('order.yaml', ServiceOrder)).order,
    services: await readServices(dir, read),
    projects: (await read('projects.yaml', FurtherProjects)).projects,
    heads: (await read('schema-heads.yaml', SchemaHeads)).databases,
    graphs: await readGraphs(dir, read),
    versions: (await read('versions.yaml', ServiceVersions)).versions,
    packages: (await read('packages.yaml', ProjectPackages)).packages,
    distributions: await read('distributions.yaml', Distributions),
    ways,
    roads,
    gates,
    rules,
    floors: await read('floors.yaml', VersionFloors),
    infrastructure: await read('infrastructure.yaml', InfrastructureVersions),
    steps: (await read('steps.yaml', StepTemplates)).steps,
    states: await read('schema-states.yaml', SchemaStates),
    signatures: await readSignatures(read),
    options: [
      ...(await read('config-options.yaml', KnownConfigOptions)).options,
      ...(await read('config-options-today.yaml', KnownConfigOptions)).options,
      ...(await read('config-values.yaml', KnownConfigOptions)).options,
    ],
    issues: (await read('known-issues.yaml', KnownIssues)).issues,
  };
  const broken = brokenReferences(knowledge);
  if (broken.length > 0)
    throw new OperatorError(
      [`reading what is known about OpenStack in ${dir}`, ...broken].join('\n'),
      {
        name: 'BadKnowledge',
        hint: 'Correct these files: each name that is used has to be defined.',
      },
    );
  return knowledge;
}

/** The first that matches is meant: narrow ones stand before wide ones, and those that tell a class come last. */
const signatureFiles = [
  'signatures-reported.yaml',
  'signatures-today.yaml',
  'signatures.yaml',
  'signatures-packages.yaml',
  'signatures-queue.yaml',
  'signatures-database.yaml',
  'signatures-openstack.yaml',
  'signatures-network.yaml',
  'signatures-programs.yaml',
  'signatures-by-class.yaml',
];

async function readSignatures(read: Read): Promise<Knowledge['signatures']> {
  const files = await Promise.all(signatureFiles.map((file) => read(file, FailureSignatures)));
  return files.flatMap(({ signatures }) => signatures);
}

type Read = <T>(file: string, schema: z.ZodType<T>) => Promise<T>;

async function readServices(dir: string, read: Read): Promise<Record<string, KnownService>> {
  const files = (await listed(join(dir, 'services'))).filter((file) => file.endsWith('.yaml'));
  const services = await Promise.all(
    files.map((file) => read(join('services', file), KnownService)),
  );
  return Object.fromEntries(services.map((service) => [service.name, service]));
}

async function readGraphs(dir: string, read: Read): Promise<Knowledge['graphs']> {
  const files = await listed(join(dir, 'extracts'));
  const extracts = await Promise.all(
    files.map(
      async (file) =>
        extractOf(await textOf(join(dir, 'extracts', file))) ??
        (await read(join('extracts', file), ProjectExtract)),
    ),
  );
  return Object.assign({}, ...extracts.map(({ databases }) => databases));
}

/** JSON is YAML, but is read 20 times faster as itself. One that is broken is read as YAML, which says where. */
function extractOf(text: string): ProjectExtract | undefined {
  try {
    return ProjectExtract.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

const listed = async (dir: string): Promise<string[]> =>
  (await readdir(dir).catch((cause: unknown) => unreadable(dir, cause))).toSorted();

const textOf = (file: string): Promise<string> =>
  readFile(file, 'utf8').catch((cause: unknown) => unreadable(file, cause));

function unreadable(place: string, cause: unknown): never {
  throw new OperatorError(`reading ${place}: ${String(cause).replace(/^Error: /, '')}`, {
    name: 'FileUnreadable',
    hint: 'What is known about OpenStack belongs to the program: install it whole.',
    cause,
  });
}
