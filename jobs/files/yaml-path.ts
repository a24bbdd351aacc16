import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  type Node,
  visit,
} from 'yaml';

/** Where a path leads: its node, or the nearest one above it that is there (`exact` false). */
export interface YamlPlace {
  readonly node: Node | null;
  /** The key that names the node in its mapping. */
  readonly key?: Node;
  readonly exact: boolean;
}

/** Follows a path through mappings, lists, aliases and merge keys. */
export function locateYamlPath(doc: Document.Parsed, path: readonly PropertyKey[]): YamlPlace {
  let place: YamlPlace = { node: doc.contents, exact: true };
  for (const step of path) {
    const next = child(doc, place.node, step);
    if (next === undefined) return { ...place, exact: false };
    place = next;
  }
  return place;
}

function child(doc: Document.Parsed, node: Node | null, step: PropertyKey): YamlPlace | undefined {
  const parent = isAlias(node) ? node.resolve(doc) : node;
  if (isSeq<Node>(parent)) {
    const item = parent.items[Number(step)];
    return item === undefined ? undefined : { node: item, exact: true };
  }
  if (!isMap<Node, Node | null>(parent)) return undefined;
  const own = parent.items.findLast(({ key }) => isScalar(key) && String(key.value) === step);
  if (own !== undefined) return { node: own.value, key: own.key, exact: true };
  const merges = parent.items.filter(({ key }) => isScalar(key) && key.source === '<<');
  return merges
    .flatMap(({ value }) => (isSeq<Node>(value) ? value.items : [value]))
    .map((merged) => child(doc, merged, step))
    .find((place) => place !== undefined);
}

/** The path of the key that starts at `offset`. */
export function yamlPathAt(doc: Document.Parsed, offset: number): PropertyKey[] | undefined {
  let path: PropertyKey[] | undefined;
  visit(doc, {
    Pair: (_key, pair, above) => {
      if (!isNode(pair.key) || pair.key.range?.[0] !== offset) return undefined;
      path = [...above, pair].flatMap((node, index, chain): PropertyKey[] => {
        if (isPair(node)) return [String(isScalar(node.key) ? node.key.value : node.key)];
        return isSeq(node) ? [node.items.indexOf(chain[index + 1])] : [];
      });
      return visit.BREAK;
    },
  });
  return path;
}

/** `hosts.db1.roles[0]`; the empty path is the whole file. */
export function yamlPathText(path: readonly PropertyKey[]): string {
  if (path.length === 0) return 'top level';
  const text = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`));
  return text.join('').replace(/^\./, '');
}
