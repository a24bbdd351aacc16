import { command } from '../../../../handlers/contract/command.ts';
import { fewNames } from '../../../../handlers/words/counts.ts';
import { compareReleases, newestRelease, releaseNameTitle } from '../../../knowledge/releases.ts';
import { type InspectionCheck, type CheckContext, type CheckAnswer, taggedRows } from '../check.ts';
import type { Finding } from '../../finding.ts';
import { isAbout, valuesGone } from '../../../../handlers/files/config-lint.ts';
import { type InspectionSubject, servicesByHost } from '../../subject.ts';
import { configValidatorShell, configOptionsShell } from './scripts/embedded.ts';

/** Options in the live files that a later release does not know, and those that the installed one does not. */
export const configOptionsCheck: InspectionCheck = {
  id: 'config-options',
  ask: (subject) =>
    servicesByHost(subject).map(({ host, names }) => ({
      host,
      commands: [
        command(['sh', '-c', configOptionsShell, 'sh', watched(subject), ...names]),
        command(['timeout', '40', 'sh', '-c', configValidatorShell, 'sh', ...names]),
      ],
    })),
  read: (said, context) => ({
    findings: said.flatMap((one) => [...changing(one, context), ...unknown(one)]),
  }),
};

/** Options whose values are read too: they name drivers and filters, and no secrets. */
const watched = ({ knowledge }: InspectionSubject): string =>
  `|${[...new Set(knowledge.options.flatMap(({ change, option }) => (change === 'gone' ? [option] : [])))].join('|')}|`;

function changing(
  { host, outputs: [out] }: CheckAnswer,
  { knowledge, series }: CheckContext,
): Finding[] {
  const set = taggedRows(out, 'option').map(
    ([path = '', section = '', option = '', value = '']) => ({ path, section, option, value }),
  );
  const now = newestRelease(series);
  return knowledge.options.flatMap((rule): Finding[] => {
    if (rule.change === 'keep' || now === undefined || compareReleases(rule.since, now) <= 0)
      return [];
    return set
      .filter(
        ({ path, section, option, value }) =>
          path.endsWith(`/${rule.file}`) &&
          isAbout(rule, section, option) &&
          (rule.change !== 'gone' || valuesGone(rule, value).length > 0),
      )
      .slice(0, rule.section === '*' ? undefined : 1)
      .map((found): Finding => ({
        level: 'warn',
        into: rule.since,
        host,
        what: `[${found.section}] ${rule.option} in ${found.path} ${changeText(rule, found.value)} in ${releaseNameTitle(rule.since)}${rule.to === undefined ? '' : ` (${rule.to})`}. ${rule.note}`,
        hint:
          rule.change === 'gone'
            ? 'Correct it in the file for that release.'
            : 'An option that a service does not know is passed over in silence: change it for the hop.',
        source: rule.source,
      }));
  });
}

function changeText(rule: CheckContext['knowledge']['options'][number], value: string): string {
  switch (rule.change) {
    case 'removed':
      return 'is gone';
    case 'moved':
      return 'moves';
    case 'gone':
      return `names ${valuesGone(rule, value).join(', ')}, which is gone`;
    case 'value':
    case 'keep':
      return 'takes other values';
  }
}

function unknown({ host, outputs: [, out] }: CheckAnswer): Finding[] {
  const rows = taggedRows(out, 'unknown');
  return [...new Set(rows.map(([path = '']) => path))].map((path) => {
    const found = rows.filter(([one]) => one === path).map(([, option = '']) => option);
    return {
      level: 'note',
      host,
      what: `${path} sets options that the installed release does not know: ${fewNames(found, 8)}`,
      hint: 'Said by its own oslo-config-validator. A plug-in may know them; else nobody reads them.',
    };
  });
}

// All the namespaces that are installed for the service, so that libraries' options are known too.
