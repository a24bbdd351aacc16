import { command } from '../../../handlers/contract/command.ts';
import { fewNames } from '../../../handlers/words/counts.ts';
import { hostsOfPart } from '../../plan/context.ts';
import { compareReleases, newestRelease, releaseNameTitle } from '../../knowledge/releases.ts';
import {
  type Finding,
  type InspectionCheck,
  type CheckContext,
  type CheckAnswer,
  taggedRows,
} from './check.ts';
import { isInNextHop } from '../../path/path.ts';
import { isAbout, valuesGone } from '../../../handlers/files/config-lint.ts';
import type { InspectionSubject } from '../subject.ts';

/** Options in the live files that a later release does not know, and those that the installed one does not. */
export const configOptionsCheck: InspectionCheck = {
  id: 'config-options',
  ask: (subject) =>
    servicesOn(subject).map(({ host, names }) => ({
      host,
      commands: [
        command(['sh', '-c', optionsScript, 'sh', watched(subject), ...names]),
        command(['timeout', '40', 'sh', '-c', validatorScript, 'sh', ...names]),
      ],
    })),
  read: (said, context) => ({
    findings: said.flatMap((one) => [...changing(one, context), ...unknown(one)]),
  }),
};

/** Options whose values are read too: they name drivers and filters, and no secrets. */
const watched = ({ knowledge }: InspectionSubject): string =>
  `|${[...new Set(knowledge.options.flatMap(({ change, option }) => (change === 'gone' ? [option] : [])))].join('|')}|`;

function servicesOn(
  subject: InspectionSubject,
): { readonly host: string; readonly names: string[] }[] {
  return Object.keys(subject.cloud.hosts).flatMap((host) => {
    const names = subject.chosen
      .filter((one) =>
        Object.keys(one.here.parts).some((part) => hostsOfPart(subject, one, part).includes(host)),
      )
      .map(({ known }) => known.name);
    return names.length === 0 ? [] : [{ host, names }];
  });
}

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
        level: isInNextHop(rule.since, series, knowledge) ? 'warn' : 'note',
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

const optionsScript = `watched=$1; shift
for service in "$@"; do
  for path in /etc/"$service"/*.conf /etc/"$service"/plugins/*/*.ini; do
    [ -r "$path" ] || continue
    awk -v path="$path" -v watched="$watched" "
      function told() { if (option != \\"\\") print \\"option\\t\\" path \\"\\t\\" section \\"\\t\\" option \\"\\t\\" value; option = \\"\\" }
      { sub(/[[:space:]]+\\$/, \\"\\") }
      /^\\$/ { told(); reads = 0; next }
      /^[ \\t]/ { if (reads) { sub(/^[ \\t]+/, \\"\\"); value = value \\" \\" \\$0 } next }
      { told(); reads = 0 }
      /^\\[.+\\]\\$/ { section = substr(\\$0, 2, length(\\$0) - 2); next }
      /^[#;[]/ || !match(\\$0, /[=:]/) { next }
      { option = substr(\\$0, 1, RSTART - 1); sub(/[[:space:]]+\\$/, \\"\\", option); value = \\"\\"; reads = 0 }
      index(watched, \\"|\\" option \\"|\\") { reads = 1; value = substr(\\$0, RSTART + 1); sub(/^[[:space:]]+/, \\"\\", value) }
      END { told() }
    " "$path"
  done
done`;

// All the namespaces that are installed for the service, so that libraries' options are known too.
const validatorScript = `command -v oslo-config-validator >/dev/null || exit 0
ask() {
  service=$1
  path=/etc/$service/$service.conf
  [ -r "$path" ] || path=/etc/$service/$service-api.conf
  [ -r "$path" ] || return
  names=$(python3 -c "
import sys
from importlib.metadata import entry_points
try: found = entry_points(group=\\"oslo.config.opts\\")
except TypeError: found = entry_points().get(\\"oslo.config.opts\\", [])
others = \\"keystone glance cinder nova neutron heat placement octavia barbican designate manila ironic magnum openstack_dashboard openstack_dashboard_integration_tests\\".split()
for name in sorted({one.name for one in found}):
    project = name.split(\\".\\")[0]
    if \\".tests.\\" not in name and (project == sys.argv[1] or project not in others): print(\\"--namespace\\", name)
" "$service")
  # Names of options are words.
  oslo-config-validator $names --input-file "$path" 2>&1 </dev/null |
    sed -n "s/^ERROR:root:\\(.*\\) is not part of the sample config.*/\\1/p" | sort -u |
    while read -r option; do printf "unknown\\t%s\\t%s\\n" "$path" "$option"; done
}
for service in "$@"; do ask "$service" & done
wait`;
