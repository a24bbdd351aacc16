import { dirname, join } from 'node:path/posix';
import { parseSync } from '@swc/core';

export interface SourceFile {
  /** From the root of the repository. */
  readonly path: string;
  readonly text: string;
}

/** A rule of the house, and each thing that breaks it. */
export interface HouseMeasure {
  readonly rule: string;
  readonly broken: readonly string[];
}

/** The floors, lowest first. What stands beside them may import all of them, and is imported by none. */
const floors = ['handlers', 'jobs', 'openstack', 'bot'];

/** Measures sources against the rules of CONTRIBUTING.md that one file alone cannot keep. */
export function measureHouse(files: readonly SourceFile[]): HouseMeasure[] {
  const parsed = files.map(parsedFile);
  const graph = new Map(parsed.map((file) => [file.path, importsOf(file)]));
  return [
    { rule: 'folders of more than 20 source files', broken: crowdedFolders(files) },
    { rule: 'circles of imports, types included', broken: circles(graph) },
    { rule: 'imports of a higher floor', broken: climbs(graph) },
    { rule: 'files of more than 300 lines', broken: files.flatMap(longFile) },
    { rule: 'functions of more than 60 lines', broken: parsed.flatMap(longFunctions) },
    { rule: 'names that two files export', broken: namesTwice(parsed) },
    { rule: 'scripts in template strings', broken: parsed.flatMap(writtenScripts) },
  ];
}

/** A part of the syntax tree, as far as its kind does not matter. */
interface SyntaxNode {
  readonly type: string;
  readonly span?: { readonly start: number; readonly end: number };
  readonly [member: string]: unknown;
}

interface ParsedFile {
  readonly path: string;
  readonly body: readonly SyntaxNode[];
  /** The lines that a part of it stands on. */
  readonly linesOf: (node: SyntaxNode) => { readonly first: number; readonly text: string };
}

function parsedFile({ path, text }: SourceFile): ParsedFile {
  // The parser counts bytes on from one call to the next: a statement put in front tells where this one begins.
  const front = '0;\n';
  const bytes = Buffer.from(front + text);
  const { body } = parseSync(front + text, { syntax: 'typescript', target: 'es2023' });
  const begin = body[0]?.span.start ?? 0;
  const statements: readonly unknown[] = body.slice(1);
  return {
    path,
    body: statements.filter(isNode),
    linesOf: ({ span = { start: begin, end: begin } }) => ({
      first: bytes
        .subarray(front.length, span.start - begin)
        .toString()
        .split('\n').length,
      text: bytes.subarray(span.start - begin, span.end - begin).toString(),
    }),
  };
}

const isNode = (value: unknown): value is SyntaxNode =>
  typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';

interface Standing {
  readonly node: SyntaxNode;
  readonly parent: SyntaxNode | undefined;
}

/** All that stands in a part of the tree, outermost first, each with what it stands in. */
function* within(value: unknown, parent?: SyntaxNode): Generator<Standing> {
  if (typeof value !== 'object' || value === null) return;
  if (isNode(value)) yield { node: value, parent };
  const around = isNode(value) ? value : parent;
  for (const inner of Object.values(value))
    if (typeof inner === 'object') yield* within(inner, around);
}

/** The files that a file imports, for their types as well, and also while it runs. */
function importsOf({ path, body }: ParsedFile): string[] {
  const named = [...within(body)].flatMap(({ node, parent }) => {
    if (node.type !== 'StringLiteral' || typeof node['value'] !== 'string') return [];
    const isCall = isNode(parent?.['callee']) && parent['callee'].type === 'Import';
    return isCall || parent?.['source'] === node ? [node['value']] : [];
  });
  const own = named.filter((source) => source.startsWith('.'));
  return own.map((source) => join(dirname(path), source));
}

function crowdedFolders(files: readonly SourceFile[]): string[] {
  const counts = new Map<string, number>();
  for (const { path } of files) counts.set(dirname(path), (counts.get(dirname(path)) ?? 0) + 1);
  return [...counts].flatMap(([name, count]) => (count > 20 ? [`${name}: ${count}`] : []));
}

type Graph = ReadonlyMap<string, readonly string[]>;

/** Each group of files that import one another, however long the way round. */
function circles(graph: Graph): string[] {
  const reached = new Map([...graph.keys()].map((path) => [path, reach(graph, path)]));
  const groups = [...reached].map(([path, all]) =>
    [...all].filter((other) => reached.get(other)?.has(path) === true),
  );
  return [...new Set(groups.map((group) => group.toSorted().join(' ')))].filter(Boolean);
}

function reach(graph: Graph, from: string): Set<string> {
  const found = new Set<string>();
  const next = [...(graph.get(from) ?? [])];
  for (let path = next.pop(); path !== undefined; path = next.pop()) {
    if (found.has(path)) continue;
    found.add(path);
    next.push(...(graph.get(path) ?? []));
  }
  return found;
}

const floorOf = (path: string): number => floors.indexOf(path.split('/')[0] ?? '');

function climbs(graph: Graph): string[] {
  return [...graph].flatMap(([from, all]) =>
    all
      .filter((to) => floorOf(from) >= 0 && graph.has(to))
      .filter((to) => floorOf(to) < 0 || floorOf(to) > floorOf(from))
      .map((to) => `${from}: ${to}`),
  );
}

function longFile({ path, text }: SourceFile): string[] {
  const lines = text.trimEnd().split('\n').length;
  return lines > 300 ? [`${path}: ${lines}`] : [];
}

/** What a `describe` takes is a chapter of a test, not a function. */
function longFunctions({ path, body, linesOf }: ParsedFile): string[] {
  return [...within(body)].flatMap(({ node, parent }) => {
    if (!/Function|Method|Constructor/.test(node.type) || !isNode(node['body'])) return [];
    if (parent?.type === 'CallExpression' && linesOf(parent).text.startsWith('describe')) return [];
    const { first, text } = linesOf(node);
    const lines = text.split('\n').length;
    return lines > 60 ? [`${path}:${first}: ${lines}`] : [];
  });
}

/** Texts of four lines or more in a template of the program: what runs elsewhere is a file, which its own language can check. */
function writtenScripts({ path, body, linesOf }: ParsedFile): string[] {
  if (!floors.some((floor) => path.startsWith(`${floor}/`))) return [];
  return [...within(body)].flatMap(({ node }) => {
    if (node.type !== 'TemplateLiteral' || !Array.isArray(node['quasis'])) return [];
    const parts: readonly unknown[] = node['quasis'];
    const breaks = parts
      .filter(isNode)
      .reduce((sum, part) => sum + linesOf(part).text.split('\n').length - 1, 0);
    return breaks > 2 ? [`${path}:${linesOf(node).first}: ${breaks + 1}`] : [];
  });
}

/** What files declare and export under one name. A file that only passes on what another one declares gives no second meaning. */
function namesTwice(files: readonly ParsedFile[]): string[] {
  const places = new Map<string, Set<string>>();
  for (const { path, body } of files.filter((file) => !file.path.startsWith('test/'))) {
    for (const name of body.flatMap(exportedNames)) {
      places.set(name, (places.get(name) ?? new Set()).add(path));
    }
  }
  return [...places].flatMap(([name, paths]) =>
    paths.size > 1 ? [`${name}: ${[...paths].join(', ')}`] : [],
  );
}

function exportedNames({ type, declaration }: SyntaxNode): string[] {
  if (type !== 'ExportDeclaration' || !isNode(declaration)) return [];
  const { declarations } = declaration;
  const declared: unknown[] = Array.isArray(declarations) ? declarations : [declaration];
  return declared.filter(isNode).flatMap(({ id, identifier }) => {
    const name = id ?? identifier;
    return isNode(name) && typeof name['value'] === 'string' ? [name['value']] : [];
  });
}
