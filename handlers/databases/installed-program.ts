import { z } from 'zod';

/** The program of a step as it is on the host. Empty where there is none, or it does not tell its version. */
export const InstalledProgram = z.strictObject({
  path: z.string(),
  package: z.string(),
  version: z.string(),
});
export type InstalledProgram = z.infer<typeof InstalledProgram>;

// Releases since Liberty, in order: each project counted one up with every one of them.
const sinceLiberty = (
  'liberty mitaka newton ocata pike queens rocky stein train ussuri victoria wallaby xena yoga zed ' +
  'antelope bobcat caracal dalmatian epoxy flamingo gazpacho hibiscus'
).split(' ');

// Until Kilo versions were dates, the same for all projects.
const dated: Readonly<Record<string, string>> = {
  '2014.1': 'icehouse',
  '2014.2': 'juno',
  '2015.1': 'kilo',
};

// The major version of Liberty, or what it would have been: https://releases.openstack.org/liberty/
const liberty: Readonly<Record<string, number>> = {
  keystone: 8,
  glance: 11,
  cinder: 7,
  nova: 12,
  neutron: 7,
  heat: 5,
  barbican: 1,
  designate: 1,
  manila: 1,
  placement: -6,
};

/** Those that counted otherwise: the first version of each release; `-` is where the known ones end. */
const firsts: Readonly<Record<string, string>> = {
  horizon:
    'liberty 8 mitaka 9 newton 10 ocata 11 pike 12 queens 13 rocky 14 stein 15 train 16 ussuri 17 victoria 18.4 ' +
    'wallaby 19 xena 20 yoga 20.2 zed 22.2 antelope 23.1 bobcat 23.2 caracal 23.4 dalmatian 25 epoxy 25.2 ' +
    'flamingo 25.4 gazpacho 25.6 hibiscus 26 - 28',
  octavia:
    'liberty 0.5 mitaka 0.8 newton 0.9 ocata 0.10 pike 1 queens 2 rocky 3 stein 4 train 5 ussuri 6 victoria 7 ' +
    'wallaby 8 xena 9 yoga 10 zed 11 antelope 12 bobcat 13 caracal 14 dalmatian 15 epoxy 16 flamingo 17 ' +
    'gazpacho 18 hibiscus 19 - 20',
  ironic:
    'liberty 4 mitaka 4.3 newton 6 ocata 7 pike 8 queens 9.2 rocky 11 stein 12 train 12.2 ussuri 14 victoria 15.1 ' +
    'wallaby 16.1 xena 18 yoga 19 zed 20.2 antelope 21.2 bobcat 22 caracal 23.1 dalmatian 25 epoxy 27 ' +
    'flamingo 30 gazpacho 33 hibiscus 36 - 40',
  magnum:
    'mitaka 1.1 newton 3 ocata 4 pike 5 queens 6 rocky 7 stein 8 train 9 ussuri 10 victoria 11 wallaby 12 xena 13 ' +
    'yoga 14 zed 15 antelope 16 bobcat 17 caracal 18 dalmatian 19 epoxy 20 flamingo 21 gazpacho 22 hibiscus 23 - 24',
};

/** The services whose versions tell their release. */
export const servicesWithRelease: readonly string[] = [
  ...Object.keys(liberty),
  ...Object.keys(firsts),
];

/** `2:12.0.6-0ubuntu1~cloud0` of nova is liberty; undefined for a version that no known release has. */
export function releaseOfProgram(service: string, version: string): string | undefined {
  const [, first = '', second = ''] = /^(?:\d+:)?(\d+)\.(\d+)/.exec(version) ?? [];
  const base = liberty[service];
  const own = firsts[service];
  if (first === '' || (base === undefined && own === undefined)) return undefined;
  const [major, minor] = [Number(first), Number(second)];
  const date = dated[`${first}.${second}`];
  if (date !== undefined) return date;
  return base === undefined ? seriesFrom(own ?? '', [major, minor]) : sinceLiberty[major - base];
}

function seriesFrom(all: string, [major, minor]: readonly [number, number]): string | undefined {
  const found = [...all.matchAll(/(\S+) (\d+)(?:\.(\d+))?/g)].findLast(([, , first, second]) => {
    const apart = major - Number(first);
    return apart > 0 || (apart === 0 && minor >= Number(second ?? 0));
  })?.[1];
  return found === '-' ? undefined : found;
}

/** "nova-manage of nova-common 1:2015.1.4 (Kilo)", for people. */
export function programText(program: InstalledProgram, service: string, name: string): string {
  const { path, package: from, version } = program;
  if (path === '') return `there is no program ${name}`;
  const series = releaseOfProgram(service, version);
  const of = [from, version || 'unknown version'].filter((word) => word !== '').join(' ');
  return `${path} of ${of}${series === undefined ? '' : ` (${capitalized(series)})`}`;
}

export const capitalized = (series: string): string =>
  series.charAt(0).toUpperCase() + series.slice(1);
