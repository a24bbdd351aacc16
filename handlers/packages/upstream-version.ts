/**
 * Compares two versions by what upstream called them, without epoch and what a distribution adds: negative, 0 or positive.
 * Until Kilo projects were numbered by dates (2015.1.4), then each began to count anew (12.0.6), so dates come first.
 */
export const compareUpstream = (a: string, b: string): number =>
  compareNumbers(upstreamNumbers(a), upstreamNumbers(b));

/** `2:12.0.6-0ubuntu1~cloud0` as [1, 12, 0, 6], a date as [0, 2015, 1, 4]; empty where there is no number. */
export function upstreamNumbers(version: string): number[] {
  const parts = versionParts(version);
  return parts.length === 0 ? [] : [(parts[0] ?? 0) > 2000 ? 0 : 1, ...parts];
}

/** The numbers alone, of what has only ever counted one way: `1:10.0.0+dfsg-11` as [10, 0, 0]. */
export function versionParts(version: string): number[] {
  const [, numbers] = /^(?:\d+:)?(\d+(?:\.\d+)*)/.exec(version) ?? [];
  return numbers === undefined ? [] : numbers.split('.').map(Number);
}

/** Part by part; what is missing counts as 0. */
export function compareNumbers(a: readonly number[], b: readonly number[]): number {
  for (let index = 0; index < Math.max(a.length, b.length); index++) {
    const apart = (a[index] ?? 0) - (b[index] ?? 0);
    if (apart !== 0) return apart;
  }
  return 0;
}
