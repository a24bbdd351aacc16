// Prints a reader's way through the planner for some requests, from its entrance to the list of steps: in how many files the
// reader stays how often, and how often that is a file that was left before. Functions are read in the order in which they
// are named, arguments before the call, each once; what is known by then is looked up again from each further file that
// names it. What a request does not run is not read, but for what is thrown. Files outside of openstack/ do not count.
import { readFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseSync } from '@swc/core';
import { CloudFacts } from '../../../openstack/cloud/facts.ts';
import { planUpgrade } from '../../../openstack/plan/planner.ts';
import { largeCloud } from '../clouds-today.ts';
import { planJuno } from '../juno-cloud.ts';
import { knowledge } from '../known.ts';
import { planLab } from '../lab-cloud.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const facts = CloudFacts.parse({});

interface Request {
  readonly ask: () => unknown;
  /** Half of the returns that it took, counted in this way, while there were two planners. */
  readonly most: number;
}

const requests: Readonly<Record<string, Request>> = {
  'Juno to Liberty': { ask: () => planJuno(), most: 54 },
  'keystone alone, Zed to Epoxy': { ask: () => planLab({ only: ['keystone'] }), most: 60 },
  'straight from Zed to Epoxy': { ask: () => planLab(), most: 78 },
  'Yoga to 2023.1': {
    ask: () =>
      planUpgrade({ knowledge, cloud: largeCloud('yoga', 'jammy'), facts, target: 'antelope' }),
    most: 91,
  },
  'Caracal to 2026.1': {
    ask: () =>
      planUpgrade({ knowledge, cloud: largeCloud('caracal', 'jammy'), facts, target: 'gazpacho' }),
    most: 99,
  },
};

interface Declared {
  readonly file: string;
  readonly name: string;
  readonly node: unknown;
}

interface Module {
  readonly imports: ReadonlyMap<string, { readonly from: string; readonly name: string }>;
  readonly declared: ReadonlyMap<string, Declared>;
}

/** A name in a function's text, or a member of the deployment that makes the steps. */
interface Named {
  readonly name: string;
  readonly of?: string;
  readonly isThrown: boolean;
}

interface Node {
  readonly type?: string;
  readonly [key: string]: unknown;
}

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null;
const nodesIn = (value: unknown): readonly Node[] =>
  (Array.isArray(value) ? value : [value]).filter(isNode);
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
const valueOf = (value: unknown): string => (isNode(value) ? textOf(value['value']) : '');
const typeOf = (value: unknown): string => (isNode(value) ? (value.type ?? '') : '');
const isFunction = ({ node }: Declared): boolean => typeOf(node).includes('Function');

const modules = new Map<string, Module>();

function moduleOf(file: string): Module {
  const known = modules.get(file);
  if (known !== undefined) return known;
  const source = readFileSync(join(root, file), 'utf8');
  const items = nodesIn(parseSync(source, { syntax: 'typescript', target: 'es2023' }).body);
  const imports = items
    .filter(({ type, typeOnly }) => type === 'ImportDeclaration' && typeOnly !== true)
    .flatMap(({ source: from, specifiers }) =>
      nodesIn(specifiers).map((one) => {
        const name = valueOf(one['imported']) || valueOf(one['local']);
        return [valueOf(one['local']), { from: valueOf(from), name }] as const;
      }),
    );
  const declared = items
    .flatMap((item) => nodesIn(item.type === 'ExportDeclaration' ? item['declaration'] : item))
    .flatMap((item) =>
      item.type === 'VariableDeclaration' ? nodesIn(item['declarations']) : [item],
    )
    .map((item) => [valueOf(item['identifier'] ?? item['id']), item['init'] ?? item] as const)
    .filter(([, node]) => !/^(Ts\w+|Class)Declaration$/.test(typeOf(node)))
    .map(([name, node]): [string, Declared] => [name, { file, name, node }]);
  const made = { imports: new Map(imports), declared: new Map(declared) };
  modules.set(file, made);
  return made;
}

function declarationOf(file: string, name: string): Declared | undefined {
  const { declared, imports } = moduleOf(file);
  const there = imports.get(name);
  if (there === undefined || declared.has(name)) return declared.get(name);
  if (!there.from.startsWith('.') || !there.from.endsWith('.ts')) return undefined;
  const from = relative(root, resolve(root, file, '..', there.from));
  return from.startsWith('openstack/') ? declarationOf(from, there.name) : undefined;
}

/** Of the deployments the first that has it. */
function memberOf(deployments: readonly Declared[], name: string): Declared | undefined {
  for (const { file, name: of, node } of deployments)
    for (const one of nodesIn(isNode(node) ? node['properties'] : [])) {
      if ((valueOf(one['key']) || valueOf(one)) !== name) continue;
      const value = one['value'];
      if (!isNode(value)) return declarationOf(file, name);
      if (value.type === 'Identifier') return declarationOf(file, valueOf(value));
      return typeOf(value).includes('Function')
        ? { file, name: `${of}.${name}`, node: value }
        : undefined;
    }
  return undefined;
}

const skipped = new Set([
  'span',
  'typeAnnotation',
  'typeParams',
  'typeParameters',
  'typeArguments',
  'returnType',
]);

/** The names in a text, in the order of reading. */
function namesIn(value: unknown, isThrown = false): Named[] {
  if (Array.isArray(value)) return value.flatMap((one) => namesIn(one, isThrown));
  if (!isNode(value)) return [];
  const { type = '', ...parts } = value;
  const all = (...some: readonly unknown[]): Named[] =>
    some.flatMap((one) => namesIn(one, isThrown));
  switch (type) {
    case 'Identifier':
      return [{ name: valueOf(value), isThrown }];
    case 'ThrowStatement':
      return namesIn(value['argument'], true);
    case 'CallExpression':
      return all(
        nodesIn(value['arguments']).map((one) => one['expression']),
        value['callee'],
      );
    case 'KeyValueProperty':
    case 'KeyValuePatternProperty':
    case 'AssignmentPatternProperty':
      return all(value['value']);
    case 'MemberExpression': {
      const { object, property } = value;
      const called =
        isNode(object) && object.type === 'MemberExpression' ? object['property'] : object;
      const [of, name] = [valueOf(called), valueOf(property)];
      return [
        ...all(object),
        ...(typeOf(property) === 'Computed'
          ? all(nodesIn(property).map((one) => one['expression']))
          : []),
        ...(['deployment', 'packages'].includes(of) ? [{ name, of, isThrown }] : []),
      ];
    }
  }
  if (/^Ts(?!As|NonNull|Const|Satisfies)/.test(type)) return [];
  return all(...Object.entries(parts).flatMap(([key, part]) => (skipped.has(key) ? [] : [part])));
}

/** All functions that a request runs, with their files. */
async function ranIn(request: () => unknown): Promise<ReadonlySet<string>> {
  const session = new Session();
  session.connect();
  await session.post('Debugger.enable');
  await session.post('Profiler.enable');
  await session.post('Profiler.startPreciseCoverage', { callCount: true });
  request();
  const { result } = await session.post('Profiler.takePreciseCoverage');
  const ran = new Set<string>();
  for (const { url, scriptId, functions } of result.filter((one) =>
    one.url.includes('/openstack/'),
  )) {
    const { scriptSource } = await session.post('Debugger.getScriptSource', { scriptId });
    for (const { functionName, ranges } of functions) {
      const [range] = ranges;
      if (range === undefined || range.count === 0) continue;
      // What was a constant's function stands before its name by now.
      const [, name] = /^,\s*"([^"]+)"\)/.exec(scriptSource.slice(range.endOffset)) ?? [];
      ran.add(`${relative(root, new URL(url).pathname)} ${name ?? functionName}`);
    }
  }
  session.disconnect();
  return ran;
}

const earlyRoom = ['openstack/deployment/packages/early/early.ts', 'earlyPackages'] as const;
const lateRoom = ['openstack/deployment/packages/packages.ts', 'packages'] as const;

/** The files that the reader stays in, one after the other. */
function walk(entrance: Declared, ran: ReadonlySet<string>): string[] {
  const [early, late] = [earlyRoom, lateRoom].map(([file, name]) => declarationOf(file, name));
  const makers = [...(ran.has(`${earlyRoom[0]} steps`) ? [early] : []), late].filter(
    (one) => one !== undefined,
  );
  const stays: string[] = [];
  const read = new Set<string>();
  const lookedUp = new Set<string>();
  const stay = (file: string): void => void (stays.at(-1) === file || stays.push(file));
  const runs = (to: Declared): boolean =>
    !isFunction(to) || ran.has(`${to.file} ${to.name.split('.').at(-1) ?? ''}`);
  const go = (from: Declared, isThrown: boolean): void => {
    const { file, node } = from;
    read.add(`${file} ${from.name}`);
    stay(file);
    for (const named of namesIn(node)) {
      const to =
        named.of === undefined
          ? declarationOf(file, named.name)
          : memberOf(named.of === 'packages' ? makers.slice(-1) : makers, named.name);
      if (to === undefined || /^(packages|earlyPackages|deployments)$/.test(to.name)) continue;
      const isAlsoThrown = isThrown || named.isThrown;
      if (!isAlsoThrown && !runs(to)) continue;
      const place = `${to.file} ${to.name}`;
      const isNew = !lookedUp.has(`${file} ${place}`);
      lookedUp.add(`${file} ${place}`);
      if (!read.has(place)) go(to, isAlsoThrown);
      else if (isNew && to.file !== file) stay(to.file);
    }
  };
  go(entrance, false);
  return stays;
}

const say = (line: string): void => void process.stdout.write(`${line}\n`);

const entrance = declarationOf('openstack/plan/planner.ts', 'planUpgrade');
if (entrance === undefined) throw new Error('the planner has no planUpgrade');
for (const [title, { ask, most: goal }] of Object.entries(requests)) {
  const stays = walk(entrance, await ranIn(ask));
  const times = new Map(stays.map((file) => [file, stays.filter((one) => one === file).length]));
  const most = [...times].toSorted(([, a], [, b]) => b - a).slice(0, 5);
  say(
    `${title}: ${stays.length} stays in ${times.size} files, ${stays.length - times.size} returns (goal: ${goal})`,
  );
  for (const [file, count] of most) say(`  ${count} times ${file}`);
}
