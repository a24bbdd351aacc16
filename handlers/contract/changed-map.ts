/** Smaller maps are copied as fast. */
const leastSize = 64;

/** So many changes stand beside a map; then they go into a copy of it. */
const mostChanges = 32;

/** A map with one more value, or another one in the place of what it has; the map itself stays as it is. */
export function withEntry<V>(
  map: ReadonlyMap<string, V>,
  key: string,
  value: V,
): ReadonlyMap<string, V> {
  if (map instanceof ChangedMap) return map.with(key, value);
  if (map.size < leastSize) return new Map(map).set(key, value);
  const size = map.size + (map.has(key) ? 0 : 1);
  return new ChangedMap(map, new Map([[key, value]]), size);
}

/** A large map that many share, and what one of them has otherwise: a copy of all for each change takes longer than all else. */
class ChangedMap<V> implements ReadonlyMap<string, V> {
  #base: ReadonlyMap<string, V>;
  #changes: ReadonlyMap<string, V>;
  readonly size: number;

  constructor(base: ReadonlyMap<string, V>, changes: ReadonlyMap<string, V>, size: number) {
    this.#base = base;
    this.#changes = changes;
    this.size = size;
  }

  with(key: string, value: V): ReadonlyMap<string, V> {
    const changes = new Map(this.#changes).set(key, value);
    const size = this.size + (this.has(key) ? 0 : 1);
    const changed = new ChangedMap(this.#base, changes, size);
    return changes.size > mostChanges ? changed.#whole() : changed;
  }

  get(key: string): V | undefined {
    return this.#changes.get(key) ?? this.#base.get(key);
  }

  has(key: string): boolean {
    return this.#changes.has(key) || this.#base.has(key);
  }

  forEach(each: (value: V, key: string, map: ReadonlyMap<string, V>) => void): void {
    for (const [key, value] of this) each(value, key, this);
  }

  entries(): MapIterator<[string, V]> {
    return this.#whole().entries();
  }

  keys(): MapIterator<string> {
    return this.#whole().keys();
  }

  values(): MapIterator<V> {
    return this.#whole().values();
  }

  [Symbol.iterator](): MapIterator<[string, V]> {
    return this.entries();
  }

  /** Made once: who walks over it, walks over it again. */
  #whole(): ReadonlyMap<string, V> {
    if (this.#changes.size === 0) return this.#base;
    const whole = new Map(this.#base);
    for (const [key, value] of this.#changes) whole.set(key, value);
    this.#base = whole;
    this.#changes = new Map();
    return whole;
  }
}
