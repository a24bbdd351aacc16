import { execFileSync } from 'node:child_process';
import { basename } from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * What a kept plan does, without its words: ids, kinds, hosts, approvals and params. Titles, the description on top and
 * the notes at a gate are taken out, and of params what only people read.
 */
export function withoutWords(golden: string): string[] {
  const lines = golden.split('\n');
  const first = lines.findIndex((line) => STEP.test(line));
  return (first === -1 ? [] : lines.slice(first))
    .filter((line) => line !== '' && !line.startsWith('     ! '))
    .map((line) => (STEP.test(line) ? withoutTitle(line) : withoutSentences(line)));
}

const STEP = /^ *\d+\. /;

/** `  3. Zed: stop nova-api [service: ctl1]` is left as `3. [service: ctl1]`. */
function withoutTitle(line: string): string {
  const [number = '', where = ''] = [/^ *\d+\./, / \[[a-z-]+: [^[\]]*\]$/].map(
    (pattern) => pattern.exec(line)?.[0],
  );
  return `${number.trim()}${where}`;
}

const withoutSentences = (line: string): string =>
  line.replaceAll(/"(what|missing)":"(?:[^"\\]|\\.)*"/g, '"$1":…');

const git = (...words: string[]): string =>
  execFileSync('git', words, { encoding: 'utf8', maxBuffer: 2 ** 28 });

/** Every kept plan of a revision by its file's name, wherever it lay then. */
const goldensOf = (revision: string): Map<string, string> =>
  new Map(
    git('ls-tree', '-r', '--name-only', revision, 'test')
      .split('\n')
      .filter((path) => path.endsWith('.golden.txt'))
      .map((path) => [basename(path), git('show', `${revision}:${path}`)]),
  );

function compare(before: string, after: string): boolean {
  const [old, now] = [goldensOf(before), goldensOf(after)];
  const results = [...new Set([...old.keys(), ...now.keys()])].toSorted().map((name) => {
    const [a, b] = [old, now].map((all) => withoutWords(all.get(name) ?? ''));
    const [ours = [], theirs = []] = [a, b];
    const differing = Array.from(
      { length: Math.max(ours.length, theirs.length) },
      (_, index) => index,
    ).filter((index) => ours[index] !== theirs[index]);
    const [sample] = differing;
    console.log(
      `${name}: ${differing.length} of ${ours.length} lines differ without titles and words`,
      ...(sample === undefined ? [] : [`\n  - ${ours[sample]}\n  + ${theirs[sample]}`]),
    );
    return differing.length === 0;
  });
  return results.length > 0 && results.every(Boolean);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [before, after = 'HEAD'] = process.argv.slice(2);
  if (before === undefined) {
    console.error('usage: tsx scripts/compare-goldens.ts BEFORE [AFTER]');
    process.exit(2);
  }
  process.exit(compare(before, after) ? 0 : 1);
}
