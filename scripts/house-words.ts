/** Phrases that people stumbled over, each with what is said instead. A reader at 3 a.m. must not translate. */
const oldPhrases: readonly (readonly [RegExp, string])[] = [
  [/\bways? out\b/i, 'fix'],
  [/\bways on\b/i, 'fixes'],
  [/\bways? back\b/i, 'rollback'],
  [/\bleads? over (?:a|its|the)\b/i, 'rollback'],
  [/(?<!-)\bhalf[- ]?way\b(?!-)/i, 'interrupted, or partway'],
  [/\bleads? (?:\S+ ){0,4}forward\b/i, 'finish an interrupted schema migration'],
  [/\bOpenStack series\b|\bseries of OpenStack\b/i, 'release'],
  [/\bmoves? (?:\S+ )?rows\b/i, 'online data migrations'],
  [/\blets? in\b/i, 'who may, or which login works'],
  [/\blets? (?:\S+ ){1,2}speak\b/i, "pin nova's RPC version"],
  [/\b(?:try|tries) the cloud\b/i, 'smoke test'],
  [/\bdecision of a person\b/i, 'needs a decision'],
  [/\bapprovers of this cloud\b/i, 'approvers of NAME'],
  [/\bapproved before (?:see|the|step)\b/i, 'approved steps N to M'],
  [/\blets? \S+ check itself\b/i, 'nova-status upgrade check'],
  [/\bcomputes of both releases understand\b/i, "pin nova's RPC version for mixed computes"],
  [/\blets? (?:instances|servers) onto\b/i, 'enable nova-compute on HOST'],
  [/\bbefore people come back\b/i, 'before the APIs reopen'],
  [/\btakes? packages from .* alone\b/i, 'switch apt to NAME'],
  [/\bstart(?:ing)? services by themselves\b/i, 'block or allow service starts'],
  [/\brestore the dump to compare\b/i, 'back up NAMES (and prove it by a restore)'],
  [/\b(?<!un)maintained since\b/i, 'maintained until, or unmaintained since'],
];

/** What earlier logs say stays as it is, and so does what reads them; case names are given. */
const exempt = /(?:^|\/)fixtures\/|^test\/cases\/|^jobs\/run\/upcast\.ts$|house-words/;

/** Each line that says something in words that were given up: its place, and what to say. */
export const oldWords = (
  files: readonly { readonly path: string; readonly text: string }[],
): string[] =>
  files
    .filter(({ path }) => !exempt.test(path))
    .flatMap(({ path, text }) =>
      text.split('\n').flatMap((line, index) =>
        oldPhrases.flatMap(([phrase, better]) => {
          const found = phrase.exec(line);
          return found === null ? [] : [`${path}:${index + 1}: "${found[0]}": say ${better}`];
        }),
      ),
    );
