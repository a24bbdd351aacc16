import { measure, promised, readCorpus } from './measure.ts';

/** Prints how well secrets are found in the corpus; exits with 1 where that is less than the docs say. */
const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

const corpus = readCorpus();
const figures = measure(corpus);
const { kinds, recall, precision, characters, shown, overdone } = figures;
const lines = [
  `${corpus.length} files and outputs, ${kinds.reduce((sum, { of }) => sum + of, 0)} secrets`,
  ...kinds.map(
    ({ kind, of, hidden }) =>
      `${kind.padEnd(10)} ${String(hidden).padStart(4)} of ${String(of).padStart(3)}  ${percent(hidden / of).padStart(7)}${promised.has(kind) ? '  promised' : ''}`,
  ),
  `recall     ${percent(recall)}`,
  `precision  ${percent(precision)} of the passages, ${percent(characters)} of the characters`,
  ...shown.map((place) => `shown      ${place}`),
  ...overdone.map((place) => `too much   ${place}`),
];
process.stdout.write(`${lines.join('\n')}\n`);

const isKept =
  kinds.every(({ kind, of, hidden }) => !promised.has(kind) || hidden === of) &&
  recall >= 0.95 &&
  precision >= 0.98 &&
  characters >= 0.98;
process.exit(isKept ? 0 : 1);
