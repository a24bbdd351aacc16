const numbers = (version: string): number[] =>
  version.split('.').map((part) => Number.parseInt(part, 10) || 0);

/** Compares `3.10.8` and `3.9`, part by part as numbers: negative, 0 or positive. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [numbers(a), numbers(b)];
  const length = Math.max(left.length, right.length);
  const differences = Array.from({ length }, (_, at) => (left[at] ?? 0) - (right[at] ?? 0));
  return differences.find((difference) => difference !== 0) ?? 0;
}
