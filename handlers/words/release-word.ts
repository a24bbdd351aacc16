// Upstream numbers its releases since Antelope, two a year: 2023.1, 2023.2, 2024.1 ...
const numbered = 'antelope bobcat caracal dalmatian epoxy flamingo gazpacho hibiscus indri'.split(
  ' ',
);

/** The name that a word means: `caracal` for `caracal`, `Caracal` and `2024.1`; any other word in lower case. */
export function releaseWord(word: string): string {
  const wanted = word.trim().toLowerCase();
  const [, year = '', half = ''] = /^(20\d\d)\.([12])$/.exec(wanted) ?? [];
  return numbered[(Number(year) - 2023) * 2 + Number(half) - 1] ?? wanted;
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
