import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  visit,
} from 'yaml';
import type { z } from 'zod';
import { OperatorError } from '../../handlers/contract/errors.ts';
import { checkValue, type ValueProblem } from './expected.ts';
import { locateYamlPath, yamlPathAt, yamlPathText } from './yaml-path.ts';

/** A problem with its place in the text. */
interface Finding {
  readonly offset: number;
  readonly text: string;
}

/**
 * The value of a YAML 1.2 text (core schema, anchors and merge keys allowed, one document), checked by `schema`. Throws
 * one `BadFile` that lists every problem as `file:line:column: path: found X (type), expected Y`.
 */
export function readYaml<T>(text: string, file: string, schema: z.ZodType<T>): T {
  const lines = new LineCounter();
  const doc = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    schema: 'core',
    merge: true,
  });
  const syntax = parserFindings(doc, text);
  const tree = treeFindings(doc);
  // Past a broken syntax the rest is guesswork; a key given twice leaves the tree whole.
  if (tree.length > 0 || doc.errors.some(({ code }) => code !== 'DUPLICATE_KEY'))
    throw badFile(file, lines, [...syntax, ...tree]);

  const checked = checkValue(schema, valueOf(doc, file, lines));
  const problems = checked.ok ? [] : checked.problems.map((problem) => finding(doc, problem));
  if (!checked.ok || syntax.length > 0) throw badFile(file, lines, [...syntax, ...problems]);
  return checked.value;
}

function parserFindings(doc: Document.Parsed, text: string): Finding[] {
  return [...doc.errors, ...doc.warnings].map(({ code, message, pos: [offset] }) => {
    if (code === 'MULTIPLE_DOCS')
      return { offset, text: 'found a second document (---), expected one document a file' };
    if (code !== 'DUPLICATE_KEY') return { offset, text: message };
    const key = /^[^:\n]*/.exec(text.slice(offset))?.[0].trim() ?? '';
    const path = yamlPathText(yamlPathAt(doc, offset) ?? [key]);
    return { offset, text: `${path}: found ${key} again (duplicate key), expected each key once` };
  });
}

/** What the parser lets pass and a checked value could not show. */
function treeFindings(doc: Document.Parsed): Finding[] {
  const findings: Finding[] = [];
  // The walk is in the text's order. An alias that looked for its anchor itself would walk all of it once more.
  const anchors = new Map<string, Node>();
  visit(doc, {
    Value: (_key, node) => {
      if (node.anchor !== undefined) anchors.set(node.anchor, node);
    },
    Alias: (_key, alias) => {
      const trouble = aliasTrouble(alias, anchors.get(alias.source));
      if (trouble !== undefined) findings.push({ offset: start(alias), text: trouble });
    },
    Pair: (_key, pair) => {
      const { key } = pair;
      if (!isNode(key)) return;
      if (!isScalar(key))
        findings.push({ offset: start(key), text: `found ${found(doc, key)}, expected a key` });
      else if (key.value === '__proto__')
        findings.push({ offset: start(key), text: 'found __proto__ (key), expected another name' });
    },
  });
  return findings;
}

function aliasTrouble(alias: Alias, target: Node | undefined): string | undefined {
  if (target === undefined)
    return `found *${alias.source}, expected an anchor &${alias.source} above`;
  const [from = 0, , to = 0] = target.range ?? [];
  return from <= start(alias) && start(alias) < to
    ? `found *${alias.source} inside of &${alias.source} itself, expected no loop`
    : undefined;
}

function valueOf(doc: Document.Parsed, file: string, lines: LineCounter): unknown {
  try {
    return doc.toJS();
  } catch (error) {
    // A merge of something that is no mapping, or aliases that unfold without end.
    throw badFile(file, lines, [
      { offset: start(doc.contents), text: error instanceof Error ? error.message : String(error) },
    ]);
  }
}

function finding(doc: Document.Parsed, { path, wrong, expected }: ValueProblem): Finding {
  const place = locateYamlPath(doc, path);
  const where = yamlPathText(path);
  if (wrong !== 'value') {
    const kind = wrong === 'key' ? 'key' : 'unknown key';
    const text = `${where}: found ${String(path.at(-1))} (${kind}), ${expected}`;
    return { offset: start(place.key ?? place.node), text };
  }
  const offset = start(place.node ?? place.key);
  if (!place.exact) return { offset, text: `${where}: missing, ${expected}` };
  const joint = expected.startsWith('expected ') ? ', ' : ': ';
  return {
    offset,
    text: `${where}: found ${found(doc, place.node)}${joint}${quoted(expected, place.node)}`,
  };
}

function found(doc: Document.Parsed, node: Node | null): string {
  const target = isAlias(node) ? node.resolve(doc) : node;
  if (isMap(target)) return 'a mapping';
  if (isSeq(target)) return 'a list';
  if (!isScalar(target) || target.value === null) return 'nothing (null)';
  if (typeof target.value !== 'string') return `${written(target)} (${typeof target.value})`;
  const { value } = target;
  return `${JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value)} (string)`;
}

/** The usual surprise: a release or a file mode that YAML reads as a number. */
const quoted = (expected: string, node: Node | null): string =>
  expected === 'expected a string' && isScalar(node) && node.value !== null
    ? `${expected}: put it in quotes, "${written(node)}"`
    : expected;

const written = (node: { source?: string; value?: unknown }): string =>
  node.source ?? String(node.value);

const start = (node: Node | null | undefined): number => node?.range?.[0] ?? 0;

function badFile(file: string, lines: LineCounter, findings: readonly Finding[]): OperatorError {
  const list = findings
    .toSorted((a, b) => a.offset - b.offset)
    .map(({ offset, text }) => {
      const { line, col } = lines.linePos(offset);
      return `${file}:${line || 1}:${col || 1}: ${text}`;
    });
  const count = list.length === 1 ? '1 problem' : `${list.length} problems`;
  return new OperatorError([`reading ${file}: ${count}`, ...list].join('\n'), {
    name: 'BadFile',
    hint: 'Correct these lines. An editor that follows the $schema line on top shows them while you type.',
  });
}
