import { releaseNumbers } from './known-releases.ts';

/** The name that a word means: `caracal` for `caracal`, `Caracal` and `2024.1`; any other word in lower case. */
export function releaseWord(word: string): string {
  const wanted = word.trim().toLowerCase();
  const [name] = Object.entries(releaseNumbers).find(([, number]) => number === wanted) ?? [];
  return name ?? wanted;
}

/** What people keep by release, by the releases' names. Of two words for one release the second one stays as it is. */
export function byReleaseName<T>(kept: Readonly<Record<string, T>>): Record<string, T> {
  const named: Record<string, T> = {};
  for (const [word, value] of Object.entries(kept)) {
    const name = releaseWord(word);
    named[name in named ? word : name] = value;
  }
  return named;
}
