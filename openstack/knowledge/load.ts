import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { z } from 'zod';
import { OperatorError } from '../../handlers/contract/errors.ts';
import { readYaml } from '../../jobs/files/yaml.ts';
import { DistributionsFile } from './distribution-schema.ts';
import { ProjectExtract } from './extracts.ts';
import { brokenReferences } from './references.ts';
import {
  distributionsFrom,
  floorsFrom,
  headsFrom,
  optionsFrom,
  releaseProblems,
  seriesFrom,
  servicesFrom,
  versionsFrom,
} from './from-releases.ts';
import { ReleaseFile } from './release-file.ts';
import { FloorsFile, HopRules, InfrastructureVersions } from './rule-schemas.ts';
import {
  KnownIssues,
  SchemaStates,
  FailureSignatures,
  FurtherProjects,
  StepTemplates,
  ProjectPackages,
} from './schemas.ts';
import { ServiceFile, ServiceOrder } from './service-schema.ts';
import type { Knowledge } from './knowledge.ts';

/**
 * The knowledge in a folder (`openstack/knowledge/data`), whose texts `readText` reads. Throws `BadFile` with every problem and
 * its line, or `BadKnowledge` when files refer to what is not there.
 */
export async function loadKnowledge(dir: string, readText = readYaml): Promise<Knowledge> {
  const read = async <T>(file: string, schema: z.ZodType<T>): Promise<T> =>
    readText(await textOf(join(dir, file)), join(dir, file), schema);
  const { ways, roads, gates, rules } = await read('hop-rules.yaml', HopRules);
  const files = await readReleases(dir, read);
  const services = servicesFrom(await readServices(dir, read), files);
  const knowledge: Knowledge = {
    series: seriesFrom(files),
    order: (await read('order.yaml', ServiceOrder)).order,
    services,
    projects: (await read('projects.yaml', FurtherProjects)).projects,
    heads: headsFrom(services, files),
    graphs: await readGraphs(dir, read),
    versions: versionsFrom(files),
    packages: (await read('packages.yaml', ProjectPackages)).packages,
    distributions: distributionsFrom(await read('distributions.yaml', DistributionsFile), files),
    ways,
    roads,
    gates: [...gates, ...files.flatMap((file) => file.gates)],
    rules: [...rules, ...files.flatMap((file) => file.rules)],
    floors: floorsFrom(await read('floors.yaml', FloorsFile), files),
    infrastructure: await read('infrastructure.yaml', InfrastructureVersions),
    steps: Object.assign(
      {},
      (await read('steps.yaml', StepTemplates)).steps,
      ...files.map(({ steps }) => steps),
    ),
    states: await read('schema-states.yaml', SchemaStates),
    signatures: await readSignatures(read),
    options: optionsFrom(files),
    issues: [
      ...(await read('known-issues.yaml', KnownIssues)).issues,
      ...files.flatMap((file) => file.issues),
    ],
  };
  const broken = [...releaseProblems(knowledge, files), ...brokenReferences(knowledge)];
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

const readServices = (dir: string, read: Read): Promise<z.infer<typeof ServiceFile>[]> =>
  readFolder(dir, 'services', (file) => read(file, ServiceFile));

/** Oldest first. */
const readReleases = async (dir: string, read: Read): Promise<ReleaseFile[]> =>
  (await readFolder(dir, 'releases', (file) => read(file, ReleaseFile))).toSorted((a, b) =>
    a.released.localeCompare(b.released),
  );

async function readFolder<T>(
  dir: string,
  folder: string,
  read: (file: string) => Promise<T>,
): Promise<T[]> {
  const files = (await listed(join(dir, folder))).filter((file) => file.endsWith('.yaml'));
  return Promise.all(files.map((file) => read(join(folder, file))));
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
