import { releaseNumbers } from '../../handlers/words/known-releases.ts';
import type { Clone } from './clone.ts';

interface RefsWanted {
  readonly range: readonly [string, string];
  readonly versionsAlone?: boolean;
}

/**
 * The tags of a project that belong to an OpenStack release, oldest first: its versions from the first to the last, then the
 * tag that ended it, or the branch that goes on. Candidates (`rc`, `b`) are left out: nobody runs them.
 */
export function refsOf(
  clone: Clone,
  release: string,
  { range: [first, last], versionsAlone = false }: RefsWanted,
): string[] {
  const versions = clone.tags
    .filter((tag) => /^\d+(\.\d+)+$/.test(tag))
    .filter((tag) => byVersion(tag, first) >= 0 && byVersion(tag, last) <= 0)
    .toSorted(byVersion);
  // Tags and branches spell the number, where there is one.
  const name = releaseNumbers[release] ?? release;
  const end = [`${name}-eol`, `${name}-eom`, `${name}-em`].find((tag) => clone.tags.includes(tag));
  const branch = [`unmaintained/${name}`, `stable/${name}`]
    .flatMap((one) => [`origin/${one}`, one])
    .find((one) => clone.branches.includes(one));
  const goesOn = end ?? branch;
  // A cycle without either had not ended when the clone was made: its tags say nothing of its end.
  if (goesOn === undefined) return versionsAlone ? versions : [];
  return [...versions, goesOn];
}

export function byVersion(one: string, other: string): number {
  const [a = [], b = []] = [one, other].map((tag) => tag.split('.').map(Number));
  for (let index = 0; index < Math.max(a.length, b.length); index += 1) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
