import { z } from 'zod';

/** The program of a step as it is on the host. Empty where there is none, or it does not tell its version. */
export const Program = z.strictObject({
  path: z.string(),
  package: z.string(),
  version: z.string(),
});
export type Program = z.infer<typeof Program>;

/**
 * Shell: `as USER WORD...` runs a program as a user, `program_line USER WORD...` prints what the first word is: the package
 * that it came with says its version, or, where it came with none (a venv), the program itself. Asked as its user, since a
 * log file that root opened would be closed to the service.
 */
export const programShell = `as() {
  user=$1; shift
  if [ "$(id -un)" = "$user" ]; then "$@"
  elif [ "$(id -u)" = 0 ]; then runuser -u "$user" -- "$@"
  else sudo -n -u "$user" -- "$@"
  fi
}
program_line() {
  path=$(command -v "$2") || path=
  package= version=
  if [ -n "$path" ] && command -v dpkg-query >/dev/null; then
    package=$( { dpkg-query -S "$path" || dpkg-query -S "$(readlink -f "$path")"; } 2>/dev/null | grep -v "^diversion " | sed -n "1s/[:,].*//p")
    [ -z "$package" ] || version=$(dpkg-query -W -f "\\\${Version}\\n" "$package" 2>/dev/null | head -n 1)
  fi
  if [ -n "$path" ] && [ -z "$version" ]; then
    version=$(as "$1" "$path" --version 2>&1 </dev/null | grep -oE "[0-9]+([.][0-9]+)+[0-9a-z.]*" | head -n 1)
  fi
  printf "program\\t%s\\t%s\\t%s\\n" "$path" "$package" "$version"
}
`;

// Releases since Liberty, in order: each project counted one up with every one of them.
const sinceLiberty = (
  'liberty mitaka newton ocata pike queens rocky stein train ussuri victoria wallaby xena yoga zed ' +
  'antelope bobcat caracal dalmatian epoxy flamingo gazpacho'
).split(' ');

// Until Kilo versions were dates, the same for all projects.
const dated: Readonly<Record<string, string>> = {
  '2014.1': 'icehouse',
  '2014.2': 'juno',
  '2015.1': 'kilo',
};

// The major version of Liberty: https://releases.openstack.org/liberty/
const liberty: Readonly<Record<string, number>> = {
  keystone: 8,
  glance: 11,
  cinder: 7,
  nova: 12,
  neutron: 7,
  heat: 5,
};

/** The services whose versions tell their series. */
export const servicesWithSeries: readonly string[] = Object.keys(liberty);

/** `2:12.0.6-0ubuntu1~cloud0` of nova is liberty; undefined for a version that no known series has. */
export function seriesOf(service: string, version: string): string | undefined {
  const [, first = '', second = ''] = /^(?:\d+:)?(\d+)\.(\d+)/.exec(version) ?? [];
  const base = liberty[service];
  if (base === undefined || first === '') return undefined;
  return dated[`${first}.${second}`] ?? sinceLiberty[Number(first) - base];
}

/** "nova-manage of nova-common 1:2015.1.4 (Kilo)", for people. */
export function sayProgram(program: Program, service: string, name: string): string {
  const { path, package: from, version } = program;
  if (path === '') return `there is no program ${name}`;
  const series = seriesOf(service, version);
  const of = [from, version || 'unknown version'].filter((word) => word !== '').join(' ');
  return `${path} of ${of}${series === undefined ? '' : ` (${titled(series)})`}`;
}

export const titled = (series: string): string => series.charAt(0).toUpperCase() + series.slice(1);
