import { knowledge } from '../known.ts';
import { labelledFailures, measureSignatures } from './labelled-failures.ts';

/** Prints how well failures are recognised; exits with 1 where a cause is wrong or fewer are known than is promised. */
const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

const { failures, byCause, byClass, unknown, wrong } = measureSignatures(knowledge.signatures);
const lines = [
  `${failures} failures of ${new Set(labelledFailures.map(({ source }) => source)).size} sources, ${labelledFailures.length - failures} outputs of which nothing is wrong`,
  `by cause           ${byCause}  ${percent(byCause / failures)}`,
  `by cause or class  ${byCause + byClass}  ${percent((byCause + byClass) / failures)}`,
  `not recognised     ${unknown.length}`,
  `wrong causes       ${wrong.length}`,
  ...unknown.map((one) => `unknown  ${one.replaceAll('\n', ' / ')}`),
  ...wrong.map((one) => `wrong    ${one.replaceAll('\n', ' / ')}`),
];
process.stdout.write(`${lines.join('\n')}\n`);

const isKept =
  wrong.length === 0 && byCause >= 0.7 * failures && byCause + byClass >= 0.9 * failures;
process.exit(isKept ? 0 : 1);
